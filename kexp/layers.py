"""The layers that kexp brings along: `from kexp.layers import Dense`."""

from kexp.core.input_spec import InputSpec
from kexp.core.layer import Layer
from kexp.core.operation import Operation
from kexp.graph import input_tensor
from kexp_plugins.layers.activation import Activation
from kexp_plugins.layers.activity_regularization import ActivityRegularization
from kexp_plugins.layers.add import Add, add
from kexp_plugins.layers.alpha_dropout import AlphaDropout
from kexp_plugins.layers.attention import Attention
from kexp_plugins.layers.average import Average, average
from kexp_plugins.layers.average_pooling1d import AveragePooling1D
from kexp_plugins.layers.average_pooling2d import AveragePooling2D
from kexp_plugins.layers.batch_normalization import BatchNormalization
from kexp_plugins.layers.bidirectional import Bidirectional
from kexp_plugins.layers.category_encoding import CategoryEncoding
from kexp_plugins.layers.center_crop import CenterCrop
from kexp_plugins.layers.concatenate import Concatenate, concatenate
from kexp_plugins.layers.conv1d import Conv1D
from kexp_plugins.layers.conv2d import Conv2D
from kexp_plugins.layers.conv2d_transpose import Conv2DTranspose
from kexp_plugins.layers.cropping1d import Cropping1D
from kexp_plugins.layers.cropping2d import Cropping2D
from kexp_plugins.layers.dense import Dense
from kexp_plugins.layers.depthwise_conv2d import DepthwiseConv2D
from kexp_plugins.layers.dot import Dot, dot
from kexp_plugins.layers.dropout import Dropout
from kexp_plugins.layers.elu import ELU
from kexp_plugins.layers.embedding import Embedding
from kexp_plugins.layers.flatten import Flatten
from kexp_plugins.layers.gaussian_dropout import GaussianDropout
from kexp_plugins.layers.gaussian_noise import GaussianNoise
from kexp_plugins.layers.global_average_pooling1d import GlobalAveragePooling1D
from kexp_plugins.layers.global_average_pooling2d import GlobalAveragePooling2D
from kexp_plugins.layers.global_max_pooling1d import GlobalMaxPooling1D
from kexp_plugins.layers.global_max_pooling2d import GlobalMaxPooling2D
from kexp_plugins.layers.gru import GRU
from kexp_plugins.layers.gru_cell import GRUCell
from kexp_plugins.layers.identity import Identity
from kexp_plugins.layers.input_layer import InputLayer
from kexp_plugins.layers.integer_lookup import IntegerLookup
from kexp_plugins.layers.lambda_layer import Lambda
from kexp_plugins.layers.layer_normalization import LayerNormalization
from kexp_plugins.layers.leaky_relu import LeakyReLU
from kexp_plugins.layers.lstm import LSTM
from kexp_plugins.layers.lstm_cell import LSTMCell
from kexp_plugins.layers.masking import Masking
from kexp_plugins.layers.max_pooling1d import MaxPooling1D
from kexp_plugins.layers.max_pooling2d import MaxPooling2D
from kexp_plugins.layers.maximum import Maximum, maximum
from kexp_plugins.layers.minimum import Minimum, minimum
from kexp_plugins.layers.multi_head_attention import MultiHeadAttention
from kexp_plugins.layers.multiply import Multiply, multiply
from kexp_plugins.layers.normalization import Normalization
from kexp_plugins.layers.permute import Permute
from kexp_plugins.layers.prelu import PReLU
from kexp_plugins.layers.random_brightness import RandomBrightness
from kexp_plugins.layers.random_contrast import RandomContrast
from kexp_plugins.layers.random_crop import RandomCrop
from kexp_plugins.layers.random_flip import RandomFlip
from kexp_plugins.layers.random_rotation import RandomRotation
from kexp_plugins.layers.random_shear import RandomShear
from kexp_plugins.layers.random_translation import RandomTranslation
from kexp_plugins.layers.random_zoom import RandomZoom
from kexp_plugins.layers.relu import ReLU
from kexp_plugins.layers.repeat_vector import RepeatVector
from kexp_plugins.layers.rescaling import Rescaling
from kexp_plugins.layers.reshape import Reshape
from kexp_plugins.layers.resizing import Resizing
from kexp_plugins.layers.rnn import RNN
from kexp_plugins.layers.separable_conv2d import SeparableConv2D
from kexp_plugins.layers.simple_rnn import SimpleRNN
from kexp_plugins.layers.simple_rnn_cell import SimpleRNNCell
from kexp_plugins.layers.softmax import Softmax
from kexp_plugins.layers.spatial_dropout1d import SpatialDropout1D
from kexp_plugins.layers.spatial_dropout2d import SpatialDropout2D
from kexp_plugins.layers.stacked_rnn_cells import StackedRNNCells
from kexp_plugins.layers.string_lookup import StringLookup
from kexp_plugins.layers.subtract import Subtract, subtract
from kexp_plugins.layers.text_vectorization import TextVectorization
from kexp_plugins.layers.time_distributed import TimeDistributed
from kexp_plugins.layers.up_sampling1d import UpSampling1D
from kexp_plugins.layers.up_sampling2d import UpSampling2D
from kexp_plugins.layers.wrapper import Wrapper
from kexp_plugins.layers.zero_padding1d import ZeroPadding1D
from kexp_plugins.layers.zero_padding2d import ZeroPadding2D

Input = input_tensor
Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution2DTranspose = Conv2DTranspose
DepthwiseConvolution2D = DepthwiseConv2D
SeparableConvolution2D = SeparableConv2D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "DepthwiseConvolution2D",
    "Dot",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "Operation",
    "PReLU",
    "Permute",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv2D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "StackedRNNCells",
    "StringLookup",
    "Subtract",
    "TextVectorization",
    "TimeDistributed",
    "UpSampling1D",
    "UpSampling2D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
