"""CIFAR-10 in its published "python version", for users who have the files.

The files are pickles, and a pickle may call anything. So each is compared with its published
checksum first, and then unpickled through a list of the three names that occur in it, which stand
for harmless things of this module: not even NumPy is within reach of the file.
"""

import io
import pickle
import pickletools

import numpy as np
from _digits import DataSet, Split

FOLDER = "cifar-10-batches-py"
TRAIN = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
}
TEST = {"test_batch": "40351d587109b95175f43aff81a1287e"}
PIXELS, CLASSES = 3 * 32 * 32, 10
LIMIT = 40_000_000  # bytes of a file; the published ones have 31 million
MEMO = 100_000  # objects that a file may remember; the published ones need one an image
VALIDATION = 0.1  # of the training images


class Unfit(ValueError):
    """A file that is not in the format."""


class _Type:
    """Stands for numpy.dtype."""

    def __init__(self, code, *flags):
        self.code = code

    def __setstate__(self, state):
        """Byte order and the like: one byte has none."""


class _Array:
    """Stands for numpy.ndarray: the bytes of a matrix of bytes."""

    def __setstate__(self, state):
        _, shape, kind, by_columns, content = state
        if not isinstance(kind, _Type) or kind.code != b"u1" or by_columns:
            raise Unfit("the images are no rows of bytes")
        self.rows = np.frombuffer(content, np.uint8).reshape(shape)


def _empty(kind, shape, code):
    """Stands for numpy's _reconstruct."""
    return _Array()


ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _empty,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise Unfit(f"the file asks for {module}.{name}")
        return ALLOWED[module, name]


def parse(content):
    """The images and labels of one file; raises Unfit for what is not in the format."""
    try:
        for opcode, argument, _ in pickletools.genops(content):
            # A place far out in the memo would take memory that the file does not have.
            if opcode.name.endswith("PUT") and int(argument) > MEMO:
                raise Unfit("the file remembers too much")
        table = _Unpickler(io.BytesIO(content), encoding="bytes").load()
        images, labels = table[b"data"].rows, np.array(table[b"labels"])
    except Unfit:
        raise
    except Exception as error:  # whatever a broken pickle leads to
        raise Unfit(f"the file cannot be read: {error!r}") from error
    if images.shape != (len(labels), PIXELS) or labels.dtype.kind != "i":
        raise Unfit(f"images of shape {images.shape} with {len(labels)} labels")
    if not np.all((labels >= 0) & (labels < CLASSES)):
        raise Unfit("a label is no class")
    return Split(images, labels)


def load(data):
    """The data set; `data` is the user's folder, which holds `cifar-10-batches-py`.

    Pixels stay bytes, 180 million of them in all, and are scaled a batch at a time.
    """
    def read(files):
        parts = [
            parse(data.read(f"{FOLDER}/{name}", digest=f"md5:{digest}", limit=LIMIT))
            for name, digest in files.items()
        ]
        return (np.concatenate([part.images for part in parts]),
                np.concatenate([part.labels for part in parts]))

    images, labels = read(TRAIN)
    cut = len(labels) - int(VALIDATION * len(labels))
    mean, deviation = moments(images[:cut])
    return DataSet(
        Split(images[:cut], labels[:cut]), Split(images[cut:], labels[cut:]), Split(*read(TEST)),
        classes=CLASSES, mean=mean, deviation=deviation,
    )


def moments(images):
    """Mean and standard deviation of all bytes, from how often each of them occurs.

    A thousand images at a time, since NumPy counts in copies eight times as large.
    """
    parts = (images[k:k + 1000].ravel() for k in range(0, len(images), 1000))
    counts = sum(np.bincount(part, minlength=256) for part in parts)
    levels = np.arange(256)
    mean = np.average(levels, weights=counts)
    return float(mean), float(np.sqrt(np.average((levels - mean) ** 2, weights=counts)))
