import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def dumps() -> Path:
    """Folder of dumps of one topic in every format, which test/clients/python.long.test.ts makes with the program."""
    folder = os.environ.get("SLUICE_DUMPS")
    if folder is None:
        pytest.skip("no dumps: run test/clients/python.long.test.ts")
    return Path(folder)
