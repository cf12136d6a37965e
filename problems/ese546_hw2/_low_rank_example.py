"""Question 2 on numbers for paper: a three by two matrix and its best product of width one."""

import sympy as sp

from solutionset.authoring import exact, literal, norm, relation

HALF = sp.Rational(1, 2)
X = literal([[2, 1], [1, 2], [2, 2]])
LEFT, RIGHT = literal([3, 3, 4]), literal([HALF, HALF])
LEFT_SECOND, RIGHT_SECOND = HALF * literal([1, -1, 0]), literal([1, -1])


def claims():
    gram, best_product = literal([[9, 8], [8, 9]]), LEFT @ RIGHT.T
    means = literal([[3 * HALF, 3 * HALF], [3 * HALF, 3 * HALF], [2, 2]])
    return (
        exact(
            "example_svd",
            relation(X.T @ X, "=", gram, "inner products of the columns"),
            relation(gram @ literal([1, 1]), "=", 17 * literal([1, 1]), r"so $\sigma_1^2$ is 17"),
            relation(gram @ literal([1, -1]), "=", literal([1, -1]), r"and $\sigma_2^2$ is 1"),
            title="Singular values by hand",
        ),
        exact(
            "example",
            relation(best_product, "=", means, "every row of $X$ has become its mean"),
            relation(X - best_product, "=", literal([[HALF, -HALF], [-HALF, HALF], [0, 0]]),
                     "what is left over"),
            relation(norm(X - best_product) ** 2, "=", 1, r"that is $\sigma_2^2$"),
            title="The best product of width one",
        ),
        exact(
            "second_pair",
            relation(X - LEFT_SECOND @ RIGHT_SECOND.T, "=", means, "what is left over"),
            relation(means @ RIGHT_SECOND, "=", literal([0, 0, 0]), "the left gradient vanishes"),
            relation(means.T @ LEFT_SECOND, "=", literal([0, 0]), "and so does the right one"),
            relation(norm(means) ** 2, "=", 17, r"the value is $\sigma_1^2$"),
            title="The other pair of singular vectors",
        ),
    )
