"""Training samples of Sluice in NumPy or pandas."""

from ._errors import FeatureSetError, FormatError, SluiceReadError
from ._files import read
from ._history import History, Vocabulary, history
from ._maths import intercept, sigmoid
from ._names import FeatureNames, feature_names
from ._samples import Samples
from ._topic import read_topic

__all__ = [
    "FeatureNames",
    "FeatureSetError",
    "FormatError",
    "History",
    "Samples",
    "SluiceReadError",
    "Vocabulary",
    "feature_names",
    "history",
    "intercept",
    "read",
    "read_topic",
    "sigmoid",
]
