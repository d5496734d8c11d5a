from importlib.util import find_spec

# Left out where PyTorch is not installed: it is larger than everything else together.
collect_ignore = [] if find_spec("torch") and find_spec("transformers") else ["test_finetune.py"]
