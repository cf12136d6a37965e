"""The 8 by 8 digits: verified, read and split; and what a data set is to the training here."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from solutionset.authoring import generator

FILE = Path(__file__).with_name("data") / "digits.csv.gz"
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
HASH = {FILE.name: SHA256}  # for the ledger
HELD_OUT = 300  # images of the validation set, and as many of the test set


@dataclass(frozen=True)
class Split:
    """Images as rows of whole numbers, (n, features), and their labels, (n,)."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class DataSet:
    """Three parts of a data set; the pixels are shifted and scaled by numbers of the first."""

    train: Split
    validation: Split
    test: Split
    classes: int
    mean: float
    deviation: float

    def inputs(self, images):
        """The images as the network gets them: mean zero and variance one over all pixels."""
        return (images - self.mean) / self.deviation

    def targets(self, labels):
        """One-hot rows."""
        return np.eye(self.classes)[labels]


def load(file=FILE):
    """The digits; raises ValueError if the file is not the one that was published."""
    packed = file.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256:
        raise ValueError(f"{file.name} is not the published file: its SHA-256 is another one")
    table = np.loadtxt(gzip.decompress(packed).decode().splitlines(), delimiter=",", dtype=np.uint8)
    order = generator("uva_dl1", "split of the digits").permutation(len(table))
    test, validation, train = np.split(table[order], [HELD_OUT, 2 * HELD_OUT])
    pixels = train[:, :-1]
    return DataSet(
        *(Split(part[:, :-1], part[:, -1]) for part in (train, validation, test)),
        classes=10, mean=float(pixels.mean()), deviation=float(pixels.std()),
    )
