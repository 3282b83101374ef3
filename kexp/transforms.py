"""The transforms that kexp brings along: `from kexp.transforms import OneHot, Standardize`.

A list of them makes a `kexp.Pipeline`.
"""

from __future__ import annotations

from kexp.core.transform import Transform
from kexp_plugins.transforms.cast import Cast
from kexp_plugins.transforms.center_crop import CenterCrop
from kexp_plugins.transforms.clean_text import CleanText
from kexp_plugins.transforms.clip import Clip
from kexp_plugins.transforms.difference import Difference
from kexp_plugins.transforms.drop_columns import DropColumns
from kexp_plugins.transforms.from_sklearn import FromSklearn
from kexp_plugins.transforms.impute import Impute
from kexp_plugins.transforms.label_encode import LabelEncode
from kexp_plugins.transforms.lags import Lags
from kexp_plugins.transforms.log1p import Log1p
from kexp_plugins.transforms.min_max import MinMax
from kexp_plugins.transforms.one_hot import OneHot
from kexp_plugins.transforms.pad import Pad
from kexp_plugins.transforms.random_affine import RandomAffine
from kexp_plugins.transforms.random_brightness import RandomBrightness
from kexp_plugins.transforms.random_contrast import RandomContrast
from kexp_plugins.transforms.random_crop import RandomCrop
from kexp_plugins.transforms.random_flip import RandomFlip
from kexp_plugins.transforms.random_rotation import RandomRotation
from kexp_plugins.transforms.random_shear import RandomShear
from kexp_plugins.transforms.random_translation import RandomTranslation
from kexp_plugins.transforms.random_zoom import RandomZoom
from kexp_plugins.transforms.rescale import Rescale
from kexp_plugins.transforms.reshape import Reshape
from kexp_plugins.transforms.resize import Resize
from kexp_plugins.transforms.robust_scale import RobustScale
from kexp_plugins.transforms.select_columns import SelectColumns
from kexp_plugins.transforms.standardize import Standardize
from kexp_plugins.transforms.to_categorical import ToCategorical
from kexp_plugins.transforms.vectorize_text import VectorizeText
from kexp_plugins.transforms.window import Window

__all__ = [
    "Cast",
    "CenterCrop",
    "CleanText",
    "Clip",
    "Difference",
    "DropColumns",
    "FromSklearn",
    "Impute",
    "LabelEncode",
    "Lags",
    "Log1p",
    "MinMax",
    "OneHot",
    "Pad",
    "RandomAffine",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Rescale",
    "Reshape",
    "Resize",
    "RobustScale",
    "SelectColumns",
    "Standardize",
    "ToCategorical",
    "Transform",
    "VectorizeText",
    "Window",
]
