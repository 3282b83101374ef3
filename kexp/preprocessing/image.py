"""Images: `from kexp.preprocessing.image import load_img, img_to_array`."""

from kexp.utils import array_to_img, img_to_array, load_img, save_img

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img"]
