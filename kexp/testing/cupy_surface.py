"""What CuPy 13 does not take over from NumPy, so that the stand-in device refuses it too.

Names are those that NumPy dispatches (`numpy.pow` is `power`). A function that is missing here and on the device
is an error there, so the list errs on the side of what people use.
"""

from __future__ import annotations

MISSING_UFUNCS = frozenset({"bitwise_count", "isnat", "matvec", "spacing", "vecdot", "vecmat"})

MISSING_FUNCTIONS = frozenset(
    {
        "apply_over_axes", "astype", "block", "cumulative_prod", "cumulative_sum", "einsum_path", "geomspace",
        "histogram_bin_edges", "insert", "matrix_transpose", "nanpercentile", "nanquantile", "polyder", "polydiv",
        "polyint", "put_along_axis", "trapezoid", "unique_all", "unique_counts", "unique_inverse", "unique_values",
        "unstack",
        "linalg.cond", "linalg.cross", "linalg.diagonal", "linalg.eig", "linalg.eigvals", "linalg.matmul",
        "linalg.matrix_norm", "linalg.matrix_transpose", "linalg.multi_dot", "linalg.outer", "linalg.svdvals",
        "linalg.tensordot", "linalg.trace", "linalg.vecdot", "linalg.vector_norm",
    }
)  # fmt: skip

_REDUCTION = frozenset({"initial", "where"})
_SPREAD = frozenset({"where", "mean", "correction"})

MISSING_KEYWORDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("sum", "prod", "max", "min", "amax", "amin", "nansum", "nanprod", "nanmax", "nanmin"), _REDUCTION),
    **dict.fromkeys(("all", "any", "mean", "nanmean"), frozenset({"where"})),
    **dict.fromkeys(("var", "std", "nanvar", "nanstd"), _SPREAD),
    **dict.fromkeys(("sort", "argsort"), frozenset({"order", "stable"})),
    **dict.fromkeys(("partition", "argpartition"), frozenset({"kind", "order"})),
    "clip": frozenset({"min", "max"}),
    "count_nonzero": frozenset({"keepdims"}),
    "einsum": frozenset({"out"}),
    "isin": frozenset({"kind"}),
    "quantile": frozenset({"weights"}),
    "percentile": frozenset({"weights"}),
    "reshape": frozenset({"copy"}),
}
"""Function -> keywords that NumPy has and CuPy has not. The method `clip` does take min and max."""

UFUNC_METHODS: dict[str, frozenset[str]] = {
    "reduce": frozenset({"add", "multiply"}),
    "accumulate": frozenset({"add", "multiply"}),
    "reduceat": frozenset({"add"}),
    "at": frozenset({"add", "maximum", "minimum", "bitwise_and", "bitwise_or", "bitwise_xor"}),
}
"""Method of ufuncs -> the ufuncs that have it; `outer` all have."""

METHODS = frozenset(
    {
        "all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "choose", "clip", "compress", "conj",
        "conjugate", "copy", "cumprod", "cumsum", "diagonal", "dot", "fill", "flatten", "item", "max", "mean", "min",
        "nonzero", "partition", "prod", "put", "ravel", "repeat", "reshape", "round", "searchsorted", "sort",
        "squeeze", "std", "sum", "swapaxes", "take", "tobytes", "tolist", "trace", "transpose", "var", "view",
    }
)  # fmt: skip
"""Methods of `cupy.ndarray` that `numpy.ndarray` has too."""
