"""The network in NumPy: modules on numbers for paper, planted mistakes, and files of CIFAR-10."""

import gzip
import io
import pickle
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import Data, chain, grad
from solutionset.errors import ClaimError, UsageError

taught = module_of("uva_dl1", "numpy_mlp")
digits, mistakes, runs = taught._digits, taught._mistakes, taught._runs
cifar = taught._cifar10_run._cifar10
Linear, Merged = taught.Linear, taught.SoftmaxCrossEntropy
Elu, Network, Softmax, CrossEntropy = (
    mistakes.Elu,
    mistakes.Network,
    runs.Softmax,
    runs.CrossEntropy,
)


# -------------------------------------------------------------------------------- modules


def test_a_linear_module_goes_forward_and_back():
    linear = Linear(np.array([[1, 0], [2, 1]]), np.array([0, 3]))
    assert linear.forward(np.array([[1, 2], [0, -1]])).tolist() == [[1, 7], [0, 2]]
    assert linear.backward(np.array([[1, 1], [0, 2]])).tolist() == [[3, 1], [4, 2]]
    assert linear.grad_weight.tolist() == [[1, 2], [1, 0]]
    assert linear.grad_bias.tolist() == [1, 3]


def test_elu_is_the_identity_where_positive_and_bends_below():
    elu = Elu()
    found = elu.forward(np.array([[2.0, -np.log(2)]]))
    assert found[0] == pytest.approx([2, -1 / 2])
    assert elu.backward(np.array([[3.0, 4.0]]))[0] == pytest.approx([3, 2])


def test_elu_of_large_numbers_neither_overflows_nor_warns():
    elu = Elu()
    assert elu.forward(np.array([1e4, -1e4])).tolist() == [1e4, -1]
    assert elu.backward(np.ones(2)).tolist() == [1, 0]


def test_softmax_of_logarithms_is_the_share_of_each():
    assert Softmax().forward(np.log([[1.0, 2, 5]]))[0] == pytest.approx([1 / 8, 1 / 4, 5 / 8])


def test_the_loss_of_two_samples_and_its_gradient():
    # Shares (1, 2, 5)/8 and (3, 3, 2)/8 with the true classes third and first: ln(64/15)/2.
    logits = np.log([[1.0, 2, 5], [3, 3, 2]])
    targets = np.array([[0, 0, 1], [1, 0, 0]])
    merged = Merged()
    assert merged.forward(logits, targets) == pytest.approx(np.log(64 / 15) / 2)
    expected = [[1 / 16, 1 / 8, -3 / 16], [-5 / 16, 3 / 16, 1 / 8]]
    assert np.allclose(merged.backward(), expected, atol=1e-15)
    softmax, entropy = Softmax(), CrossEntropy()
    entropy.forward(softmax.forward(logits), targets)
    assert np.allclose(softmax.backward(entropy.backward()), expected, atol=1e-15)


def test_the_loss_of_a_class_with_probability_zero_is_finite():
    assert Merged().forward(np.array([[0.0, -800]]), np.array([[0, 1]])) == 800


def test_one_step_of_descent_subtracts_the_gradient_times_the_rate():
    network = Network([np.ones((1, 1)), np.zeros(1), np.ones((2, 1)), np.zeros(2)])
    network.loss_on(np.array([[1.0]]), np.array([[1.0, 0]]))
    network.backward()
    network.step(0.5)
    # Equal logits: the probabilities are 1/2, the gradient in the output bias (-1/2, 1/2).
    assert network.parameters[3].tolist() == [0.25, -0.25]


# --------------------------------------------------------------------- forward and formulas


def test_forward_on_whole_numbers():
    found = taught.layers_forward(
        np.array([[1, 2, 0], [0, 1, -1]]), np.array([[1, 0, 2], [-1, 1, 0]]), np.array([0, 1]),
        np.array([[1, 2], [0, -1]]), np.array([1, 0]), lambda z: z**2,
    )  # fmt: skip
    assert found["U"].tolist() == [[1, 2], [-2, 2]]
    assert found["Z"].tolist() == [[10, -4], [13, -4]]


def test_a_gradient_without_the_slope_of_the_activation_is_refused():
    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        checked(chain("wrong", taught.layers, grad(taught.U), (grad(taught.A), "no slope")))


@pytest.mark.parametrize("variant", ["slope", "bias", "frozen", "diagonal", "summed"])
def test_every_planted_mistake_fails_the_gradient_check(variant):
    assert mistakes.gradient_errors()[variant] > 0.1


def test_the_right_gradients_pass_it():
    assert mistakes.gradient_errors()["right"] < 1e-13


# ------------------------------------------------------------------------------------ data


def test_the_digits_are_split_without_losing_or_sharing_any():
    data = digits.load()
    parts = (data.train, data.validation, data.test)
    assert [len(part.labels) for part in parts] == [1197, 300, 300]
    together = np.vstack([np.c_[part.images, part.labels] for part in parts])
    lines = gzip.decompress(digits.FILE.read_bytes()).decode().splitlines()
    assert sorted(",".join(map(str, row)) for row in together) == sorted(lines)


def test_pixels_have_mean_zero_and_variance_one_on_the_training_images():
    data = digits.load()
    inputs = data.inputs(data.train.images)
    assert inputs.mean() == pytest.approx(0, abs=1e-12)
    assert inputs.var() == pytest.approx(1)


def test_another_file_of_digits_is_refused(tmp_path):
    other = tmp_path / "digits.csv.gz"
    other.write_bytes(gzip.compress(b"0,1,2\n"))
    with pytest.raises(ValueError, match="its SHA-256 is another one"):
        digits.load(other)


def test_each_epoch_takes_every_image_once_in_batches_of_128():
    data = digits.load()
    first, second = runs._training.batches(data, 0, epochs=2)
    assert [len(places) for places in first] == [128] * 9 + [45]
    assert sorted(np.concatenate(first)) == list(range(1197))
    assert np.concatenate(first).tolist() != np.concatenate(second).tolist()


# -------------------------------------------------------------------------------- CIFAR-10


class Python2Pickler(pickle._Pickler):
    """Writes byte strings and NumPy's names as Python 2 did."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, text):
        size = len(text)
        small = size < 256
        self.write(b"U" + bytes([size]) if small else b"T" + size.to_bytes(4, "little"))
        self.write(text)
        self.memoize(text)

    dispatch[bytes] = save_string
    dispatch[str] = lambda self, text: self.save_string(text.encode())


def batch(images, labels, **more):
    """A file in the published format, with images as rows."""
    names = [b"name_%d.png" % k for k in range(len(labels))]
    table = {b"batch_label": b"a batch", b"labels": labels, b"data": images, b"filenames": names}
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(table | more)
    return file.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def some_images(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 3072), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A user's folder with six small files, and their checksums in place of the published ones."""
    place = tmp_path / "cifar-10-batches-py"
    place.mkdir()
    for number, name in enumerate([*cifar.TRAIN, *cifar.TEST]):
        content = batch(some_images(20, number), [k % 10 for k in range(20)])
        (place / name).write_bytes(content)
        for known in (cifar.TRAIN, cifar.TEST):
            if name in known:
                monkeypatch.setitem(known, name, md5(content).hexdigest())
    return tmp_path


def test_a_file_in_the_published_format_gives_its_images_and_labels():
    images = some_images(3)
    content = batch(images, [7, 0, 9])
    assert content.startswith(b"\x80\x02}q\x00(U\x0bbatch_label")
    found = cifar.parse(content)
    assert found.images.tolist() == images.tolist()
    assert found.labels.tolist() == [7, 0, 9]


def test_five_files_are_split_for_training_and_validation_and_one_is_the_test(folder):
    data = cifar.load(Data(folder))
    assert [len(p.labels) for p in (data.train, data.validation, data.test)] == [90, 10, 20]
    assert data.train.images.dtype == np.uint8
    assert data.inputs(data.train.images).mean() == pytest.approx(0, abs=1e-12)
    assert data.inputs(data.train.images).std() == pytest.approx(1)


def test_a_file_with_another_checksum_is_not_even_unpickled(folder):
    (folder / "cifar-10-batches-py" / "test_batch").write_bytes(b"cos\nsystem\n")
    with pytest.raises(UsageError, match="test_batch is not the published file"):
        cifar.load(Data(folder))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "the file asks for os.system"),
        (b"cbuiltins\neval\n.", "the file asks for builtins.eval"),
        (b"cnumpy\nload\n.", "the file asks for numpy.load"),
        (b"\x80\x02]r\xff\xff\xff\x7f.", "the file remembers too much"),
        (b"", "the file cannot be read"),
        (b"\x80\x02}.", "the file cannot be read: KeyError"),
        (batch(some_images(3), [0, 1]), r"images of shape \(3, 3072\) with 2 labels"),
        (batch(some_images(1), [10]), "a label is no class"),
        (batch(some_images(1), [b"x"]), "images of shape"),
        (batch(some_images(1)[:, :9], [1]), r"images of shape \(1, 9\)"),
        (batch(np.zeros((1, 3072)), [1]), "the images are no rows of bytes"),
        (batch(np.array([[None]]), [1]), "the images are no rows of bytes"),
    ],
)
def test_anything_else_is_refused(content, message):
    with pytest.raises(cifar.Unfit, match=message):
        cifar.parse(content)


def test_with_data_there_is_one_more_claim_and_without_there_is_none(folder):
    def names(data):
        return [claim.head.name for claim in taught.problem(data).solve().claims]

    assert "cifar10" not in names(Data(None))
    assert "cifar10" in names(Data(folder))


def test_a_run_on_the_users_images_is_measured(folder):
    run = taught._cifar10_run.Run(Data(folder))
    measured = run.measure(None)
    assert measured["cifar_last_loss"].value < measured["cifar_first_loss"].value
    assert 0 <= measured["cifar_test"].value <= 100


def test_a_folder_without_the_files_says_which_one_is_missing(tmp_path):
    with pytest.raises(UsageError, match=r"there is no .*data_batch_1"):
        cifar.load(Data(Path(tmp_path)))
