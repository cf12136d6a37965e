"""What the sheet says in question 6: the errata, and the audit of every sentence."""

from solutionset.authoring import AuditRow, Erratum

ERRATA = (
    Erratum(
        name="steps", question="003.6.a", where="6.a, forward propagation", kind="ambiguous",
        claim="steps_differ",
        sheet_says="The state with number $t+1$ is $w_z^t z_0$.",
        correct="So it is if $z_0$ is state number 1. Read as the state number 0, as its name "
        "says, it takes one factor more. We count factors: $z_t$ has $t$ of them.",
        evidence="For width one, weight 2 and three steps the two readings give 12 and 32.",
    ),
    Erratum(
        name="matrix_gradient", question="003.6.a", where="6.a, backward propagation", kind="false",
        claim="grad_A",
        sheet_says="The gradient in the weights is the incoming gradient times $t w_z^{t-1} z_0$.",
        correct="That is so for width one. Matrices do not commute: each of the $t$ factors gives "
        "a term of its own, and the gradient is their sum.",
        evidence="In the worked example the formula of the sheet is the number 15, and the "
        "gradient a matrix of four numbers.",
    ),
    Erratum(
        name="incoming", question="003.6.a", where="6.a, incoming gradient", kind="gap",
        claim="log_loss",
        sheet_says="The incoming gradient need not be considered for the argument.",
        correct="It may compensate what the weights do, and its direction decides which "
        "eigenvalues count. The argument needs it to be fixed, and says so nowhere.",
        evidence="With the logarithm as loss the gradient grows linearly, whatever positive number "
        "the weight is.",
    ),
    Erratum(
        name="norm", question="003.6.a", where="6.a, norm of the gradient", kind="false",
        claim="not_the_norm",
        sheet_says="The norm of the gradient is $t$ times the norms of the incoming gradient and "
        "of $w_z^{t-1} z_0$.",
        correct="For matrices this is neither an upper nor a lower bound. With a power of the "
        "spectral norm of $A$ in the place of its power it is an upper bound.",
        evidence="One matrix for which it is too large, and one for which it is zero while the "
        "gradient is not.",
    ),
    Erratum(
        name="inner_product", question="003.6.a", where="6.a, expansion in eigenvectors",
        kind="notation", claim="spectral",
        sheet_says="What decides is the inner product of $\\alpha_i$ and the eigenvector.",
        correct="$\\alpha_i$ is a number and has no inner product with a vector. What decides is "
        "whether it is zero; for the gradient an entry of the incoming gradient counts as well.",
        evidence="The two forms by eigenvalues.",
    ),
    Erratum(
        name="modulus_one", question="003.6.a", where="6.a, the two cases", kind="missing",
        claim="on_the_circle",
        sheet_says="The cases are a modulus above one and all moduli below one.",
        correct="With largest modulus one the state of a diagonalisable net stays bounded and the "
        "gradient may grow linearly. Without diagonalisability both may grow.",
        evidence="The identity, and a Jordan block.",
    ),
    Erratum(
        name="state", question="003.6.a", where="6.a, conclusion", kind="gap", claim="state_decays",
        sheet_says="It follows from the growth or decay of $A^k z_0$ that the gradient explodes or "
        "vanishes.",
        correct="It shows what the state does. The gradient is driven from both ends: by $z_0$ "
        "through $A$ and by the incoming gradient through its transpose.",
        evidence="A state that is halved in every step while the gradient doubles.",
    ),
    Erratum(
        name="saturation", question="003.6.b", where="6.b, tanh and sigmoid", kind="gap",
        claim="tanh_explodes",
        sheet_says="Saturating activations change little when their input changes a lot, and "
        "therefore the gradient often vanishes.",
        correct="They do so where they are saturated. Elsewhere the slope times the weight can "
        "have any size, and the gradient with it.",
        evidence="A tanh net at the state zero whose gradient doubles in every step.",
    ),
    Erratum(
        name="magnitude", question="003.6.b", where="6.b, ReLU", kind="false", claim="dies",
        sheet_says="ReLU leaves the magnitude of its input unchanged.",
        correct="Only where the input is not negative.",
        evidence="A state of size one that is zero after one step.",
    ),
    Erratum(
        name="eigenvalues", question="003.6.b", where="6.b, ReLU", kind="false",
        claim="eigenvalues",
        sheet_says="Therefore the eigenvalues of the weights determine the magnitude.",
        correct="The product of all $D_s W$ does, where $D_s$ holds the slopes of step $s$; its "
        "factors are other matrices than $W$, and differ from step to step.",
        evidence="Weights whose only eigenvalue is zero, with a state and a gradient that double.",
    ),
    Erratum(
        name="fixed_norm", question="003.6.c", where="6.c, scaling", kind="ambiguous",
        claim="never_settles",
        sheet_says="One scales the gradient to a fixed norm $c$.",
        correct="Clipping scales it down if it is longer, and leaves it alone otherwise. A fixed "
        "norm also stretches short gradients, is undefined at zero, and with a fixed learning "
        "rate never settles.",
        evidence="Steps of fixed length that jump to and fro over a minimum for ever.",
    ),
    Erratum(
        name="vanishing_stays", question="003.6.c", where="6.c, remedy", kind="gap",
        claim="lost_inside",
        sheet_says="Changing the gradient before the update is a solution for exploding and for "
        "vanishing gradients.",
        correct="For exploding ones. The gradient is a sum over the steps; no rescaling of the "
        "sum brings back what early steps have lost against late ones.",
        evidence="Twenty steps with the factor one half: what the first and the last contribute.",
    ),
    Erratum(
        name="no_weights", question="003.6.d", where="6.d, heuristic argument", kind="false",
        claim="block_ch",
        sheet_says="The gradient of an LSTM has no factors of the weights.",
        correct="The direct path has none. The two blocks of the Jacobian that take the hidden "
        "state contain recurrent weights.",
        evidence="The complete Jacobian of one step.",
    ),
    Erratum(
        name="factor_order", question="003.6.d", where="6.d, first display", kind="false",
        claim="two_steps",
        sheet_says="Each factor of the Jacobian is $w_z$ times the slope.",
        correct="The slopes stand on the left: a step multiplies by $W$ first. The two orders "
        "agree for width one.",
        evidence="Two steps by hand, and a pitfall: on general data the other order is wrong.",
    ),
    Erratum(
        name="other_terms", question="003.6.d", where="6.d, second display", kind="gap",
        claim="explodes",
        sheet_says="The other terms are not essential.",
        correct="They decide whenever they are larger than the direct path, and in random cells "
        "with weights of scale one and no forget bias they mostly are.",
        evidence="A cell whose gradient doubles in every step while the direct path is halved, and "
        "the share of random cells in which the rest is larger.",
    ),
    Erratum(
        name="slope_or_value", question="003.6.d", where="6.d, last but one sentence", kind="false",
        claim="one_step",
        sheet_says="The gradient of a recurrent net decays with $w_z$ times the activation.",
        correct="With the weight times the slope of the activation, as in the display before.",
        evidence="At zero tanh is zero and its slope is one.",
    ),
    Erratum(
        name="hence", question="003.6.d", where="6.d, conclusion", kind="gap", claim="vanishes",
        sheet_says="Hence an LSTM deals with exploding and vanishing gradients much better.",
        correct="It does not follow. What follows: if the forget gates are close to one and the "
        "other paths small, the gradient in the cell state keeps its size.",
        evidence="A cell with forget gate one half, and a recurrent net that loses nothing.",
    ),
)


def _row(part, where, statement, verdict, claim="", reason=""):
    return AuditRow(f"003.6.{part}", f"6.{part}, {where}", statement, verdict, claim, reason)


def _elsewhere(number, statement):
    return AuditRow(f"003.{number}", f"question {number}", statement, "not-decidable", "",
                    "question and answer cannot be recovered from the sheet; nothing stands in "
                    "their place")


AUDIT = (
    _elsewhere(4, "It was moved to the next homework."),
    _elsewhere(5, "Its answer is in a notebook."),
    _row("a", "forward", "The last state is a power of the weights times $z_0$.",
         "gap", "steps_differ", "true if $z_0$ is state number 1, without input, bias, activation"),
    _row("a", "backward", "The gradient is the incoming one times $t w^{t-1} z_0$.",
         "false", "grad_A"),
    _row("a", "backward", "The same for a net of width one.", "holds", "grad_w"),
    _row("a", "incoming gradient", "It need not be considered.", "gap", "log_loss"),
    _row("a", "norm", "The norm of the gradient is $t$ times two norms.", "false", "not_the_norm"),
    _row("a", "eigenvectors", "The weights may be taken to be diagonalisable.", "gap",
         "on_the_circle", "an assumption, over the complex numbers; a Jordan block does otherwise"),
    _row("a", "eigenvectors", "$A^k z_0$ in eigenvectors is a sum of powers of eigenvalues.",
         "holds", "states"),
    _row("a", "eigenvectors", "The $\\alpha_i$ are the rows of $T^{-1} z_0$.", "holds", "states",
         "a matrix of one column: each row is a number"),
    _row("a", "eigenvectors", "Their inner product with the eigenvector decides.", "gap",
         "of_the_state", "notation: a number and a vector have none; it must not be zero"),
    _row("a", "growth", "An active eigenvalue above one in modulus makes the state explode.",
         "holds", "of_the_state"),
    _row("a", "decay", "If all active eigenvalues lie inside the circle, the state vanishes.",
         "holds", "of_the_state"),
    _row("a", "cases", "These are the cases.", "gap", "on_the_circle", "modulus one is missing"),
    _row("a", "conclusion", "So the growth of the state is that of the gradient.", "gap",
         "state_decays"),
    _row("a", "conclusion", "Depending on $z_0$ and the weights one may get either.", "holds",
         "state_decays"),
    _row("b", "saturation", "Saturating activations change little if their input changes a lot.",
         "gap", "saturated", "where they are saturated"),
    _row("b", "saturation", "Long sequences make it worse.", "holds", "through_time",
         "each step is one more factor"),
    _row("b", "saturation", "They often result in vanishing gradients.", "gap", "tanh_explodes",
         "they can explode as well; how often is a matter of the weights"),
    _row("b", "ReLU", "ReLU can result in vanishing gradients.", "holds", "shrinks"),
    _row("b", "ReLU", "ReLU can result in exploding gradients.", "holds", "eigenvalues"),
    _row("b", "ReLU", "Vanishing happens if the inputs are negative.", "holds", "shrinks",
         "it also happens if they are positive and the weights are small"),
    _row("b", "ReLU", "Exploding gradients are more common with ReLU.", "not-decidable", "",
         "no distribution of nets is named; the figure shows one"),
    _row("b", "ReLU", "ReLU leaves the magnitude of its input unchanged.", "false", "dies"),
    _row("b", "ReLU", "The eigenvalues of the weights determine the magnitude.", "false",
         "eigenvalues"),
    _row("b", "end", "All activations can cause both problems.", "holds", "all_of_them"),
    _row("c", "update", "Weights are updated by the learning rate times the gradient.", "holds",
         "overshoots", "a definition; the raised $t$ now counts updates"),
    _row("c", "reason", "A large step along an estimate may go in the wrong direction.", "holds",
         "biased", "the mean is 5/4, and most samples point the other way"),
    _row("c", "reason", "The gradient of a mini-batch is an estimate of that of all data.", "holds",
         "biased", "with the right mean, if the batch is drawn evenly"),
    _row("c", "reason", "With tiny gradients training stalls.", "holds", "lost_inside",
         "for a given learning rate: the update is proportional to the gradient"),
    _row("c", "remedy", "Changing the gradient solves exploding and vanishing gradients.", "gap",
         "lost_inside"),
    _row("c", "scaling", "One may scale the gradient to a fixed norm.", "gap", "never_settles",
         "that is not clipping"),
    _row("c", "entries", "One may cut each entry to an interval.", "holds", "still_descends",
         "it turns the direction, and can turn the mean round"),
    _row("d", "gates", "An LSTM has a forget, an input and an output gate.", "holds", "block_ch"),
    _row("d", "gates", "The three update and control the cell state.", "gap", "two_cells",
         "the output gate reaches it one step later, through $h$"),
    _row("d", "parameters", "Forget and input gate contain learned parameters.", "holds",
         "block_ch", "so do the output gate and the candidate"),
    _row("d", "parameters", "That gives training more control over vanishing.", "holds", "paths",
         "a forget bias of two keeps far more of the direct path"),
    _row("d", "heuristic", "The gradient of an LSTM has no factors of the weights.", "false",
         "block_ch"),
    _row("d", "first display", "The factors have the weights left of the slope.", "false",
         "two_steps"),
    _row("d", "first display", "The latest step stands leftmost, and no step is missing.", "holds",
         "through_time"),
    _row("d", "first display", "Inputs and biases are left out.", "holds", "one_step",
         "of the formula; they act through the slopes only"),
    _row("d", "second display", "The Jacobian is the product of forget gates plus other terms.",
         "holds", "two_cells", "each factor is a diagonal matrix"),
    _row("d", "second display", "The forget gate is a sigmoid of $h$ and $x$.", "holds",
         "block_ch", "up to the bias"),
    _row("d", "second display", "The other terms are not essential.", "gap", "explodes"),
    _row("d", "end", "A recurrent net decays with the weight times the activation.", "false",
         "one_step"),
    _row("d", "end", "An LSTM decays with the forget gate.", "gap", "explodes",
         "its direct path does"),
    _row("d", "end", "Hence an LSTM is much better.", "gap", "vanishes"),
)
