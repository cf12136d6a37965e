"""What sheet 002 states in questions 3 and 4, statement by statement, and its errata."""

from solutionset.authoring import AuditRow, Erratum

NO_RUN = ("the sheet has neither code nor data nor seed; if it used CIFAR-10, as the course does, "
          "these images are not part of this repository")
NO_CURVE = "the curve is not on the sheet"

NUMPY_ERRATA = (
    Erratum(
        name="settings", question="002.3", where="3, first sentence",
        sheet_says="The accuracy was 49.88 per cent with the default settings.",
        correct="A measured accuracy means something together with the data, the settings, the "
        "seed, and its spread over seeds. None of these is on the sheet.",
        kind="missing",
        evidence="Ten seeds of one and the same program give ten runs with a spread.",
        claim="training",
    ),
    Erratum(
        name="every_iteration", question="002.3", where="3, third sentence",
        sheet_says="Since the training loss falls, the network learns with each iteration.",
        correct="If an iteration is an epoch, that only repeats the sentence before. If it is a "
        "step, it does not follow: a loss may fall from epoch to epoch and rise at single steps.",
        kind="gap",
        evidence="A parabola for each of two batches: the loss falls in both epochs and rises in "
        "the third of the four steps. So does the loss of our run on the digits at some steps.",
        claim="falling_epochs",
    ),
    Erratum(
        name="dips", question="002.3", where="3, fifth sentence",
        sheet_says="The validation accuracy dips because the network at times over- or underfits.",
        correct="Nothing on the sheet decides why the validation accuracy dips. It may even fall "
        "while the loss on the same images falls, so a dip alone is a sign of neither.",
        kind="gap",
        evidence="Two images whose mean loss falls while one of them changes sides.",
        claim="loss_and_accuracy",
    ),
)


def _row(question, where, statement, verdict, claim, reason=""):
    return AuditRow(f"002.{question}", where, statement, verdict, claim, reason)


NUMPY_AUDIT = (
    _row("3", "3, first sentence", "The test accuracy was 49.88 per cent.", "not-decidable", "",
         NO_RUN),
    _row("3", "3, first sentence", "The default settings were used.", "gap", "training",
         "missing: which they are is not said"),
    _row("3", "3, second sentence", "The training loss falls monotonically.", "not-decidable", "",
         NO_CURVE),
    _row("3", "3, second sentence", "This is what one hopes for.", "not-decidable", "",
         "a hope, and no statement"),
    _row("3", "3, third sentence", "The network learns with each iteration.", "gap",
         "falling_epochs", "a falling curve of epochs does not say so"),
    _row("3", "3, fourth sentence", "The validation accuracy rises, but not monotonically.",
         "not-decidable", "", NO_CURVE),
    _row("3", "3, fifth sentence", "It rises because the network models the data better and "
         "better.", "gap", "loss_and_accuracy", "accuracy and loss may move apart"),
    _row("3", "3, fifth sentence", "It dips because of over- or underfitting.", "gap",
         "loss_and_accuracy", "a dip alone is a sign of neither"),
)

TORCH_ERRATA = (
    Erratum(
        name="very_similar", question="002.4", where="4, second sentence",
        sheet_says="With 47.89 against 49.88 per cent the two implementations are very similar.",
        correct="One run of each says nothing about the implementations: different seeds, "
        "initial weights and batches move the accuracy of one program as well. Only the same "
        "weights and batches make the two comparable, and then the parameters themselves agree.",
        kind="gap",
        evidence="Ten runs of one program that differ in the seed alone lie more than a "
        "point apart.",
        claim="two_seeds",
    ),
    Erratum(
        name="evidence_of_fit", question="002.4", where="4, third and fourth sentence",
        sheet_says="The fluctuations and the lower test accuracy show that the network over- or "
        "underfits more.",
        correct="Over- and underfitting are told apart by the accuracy on the training data, "
        "which is not given. A lower test accuracy goes with either, and with neither.",
        kind="gap",
        evidence="Two networks of about the same test accuracy, one far better on its training "
        "data, the other not.",
        claim="same_test_accuracy",
    ),
)

TORCH_AUDIT = (
    _row("4", "4, first sentence", "The test accuracy was 47.89 per cent.", "not-decidable", "",
         NO_RUN),
    _row("4", "4, first sentence", "The default settings were used.", "gap", "twin",
         "missing: which they are, and whether weights and batches were those of question 3"),
    _row("4", "4, second sentence", "The result is very similar to that of the other "
         "implementation.", "gap", "two_seeds", "one run of each, and no spread"),
    _row("4", "4, second sentence", "The training loss falls monotonically.", "not-decidable", "",
         NO_CURVE),
    _row("4", "4, second sentence", "The validation accuracy rises, but not monotonically.",
         "not-decidable", "", NO_CURVE),
    _row("4", "4, third sentence", "The first epoch improves the training loss by more.",
         "not-decidable", "", NO_CURVE),
    _row("4", "4, third sentence", "The validation accuracy fluctuates and dips more.",
         "not-decidable", "", NO_CURVE),
    _row("4", "4, third sentence", "So it over- or underfits more.", "gap", "same_test_accuracy",
         "the accuracy on the training data is missing"),
    _row("4", "4, fourth sentence", "The test accuracy is slightly lower.", "holds", "two_seeds",
         "of the two printed numbers; of the programs it says nothing"),
    _row("4", "4, fourth sentence", "The lower test accuracy is further evidence of that.", "gap",
         "same_test_accuracy", "it goes with either, and with neither"),
)
