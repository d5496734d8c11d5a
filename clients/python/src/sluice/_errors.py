class SluiceReadError(ValueError):
    """Rows that cannot be read as samples."""


class FormatError(SluiceReadError):
    """A file that is no dump of samples."""


class FeatureSetError(SluiceReadError):
    """Rows whose features are not those of the names, or of each other."""
