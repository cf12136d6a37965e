"""The modules of questions 1 and 2 as working code: each goes forward, keeps what the way back
needs, and carries a gradient backward by the formula derived by hand.

Samples are rows. Forward passes also work on complex numbers, which the gradient check uses.
"""

import numpy as np


class Linear:
    """Y = X W^T + 1 b^T, with a row of weights for each output."""

    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def forward(self, X):
        self.X = X
        return X @ self.weight.T + self.bias

    def backward(self, upstream):
        self.grad_weight = upstream.T @ self.X
        self.grad_bias = upstream.sum(axis=0)
        return upstream @ self.weight


class Elu:
    """Y = X where X is positive, and exp(X) - 1 elsewhere."""

    def forward(self, X):
        self.negative = np.where(X.real > 0, 0, X)  # no exponential of a large number
        return np.where(X.real > 0, X, np.expm1(self.negative))

    def backward(self, upstream):
        return upstream * np.exp(self.negative)  # exp(0) = 1 is the slope of the other part


class Softmax:
    """Rows of positive numbers that sum to one."""

    def forward(self, X):
        powers = np.exp(X - X.real.max(axis=1, keepdims=True))  # none above one
        self.Y = powers / powers.sum(axis=1, keepdims=True)
        return self.Y

    def backward(self, upstream):
        return self.Y * (upstream - (upstream * self.Y).sum(axis=1, keepdims=True))


class CrossEntropy:
    """L = -1/S sum of T log Y."""

    def forward(self, Y, targets):
        self.Y, self.targets = Y, targets
        return -(targets * np.log(Y)).sum() / len(Y)

    def backward(self):
        return -self.targets / self.Y / len(self.Y)


class SoftmaxCrossEntropy:
    """Both in one: no logarithm of a number that was rounded to zero, and no division by it.

    The rows of the targets must sum to one.
    """

    def forward(self, X, targets):
        shifted = X - X.real.max(axis=1, keepdims=True)
        log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.Y, self.targets = np.exp(shifted - log_sums), targets
        return -(targets * (shifted - log_sums)).sum() / len(X)

    def backward(self):
        return (self.Y - self.targets) / len(self.Y)


class Network:
    """Linear, activation, linear, loss."""

    def __init__(self, parameters, linear=Linear, activation=Elu, loss=SoftmaxCrossEntropy):
        W1, b1, W2, b2 = parameters
        self.first, self.second = linear(W1, b1), linear(W2, b2)
        self.activation, self.loss = activation(), loss()

    @property
    def parameters(self):
        return [self.first.weight, self.first.bias, self.second.weight, self.second.bias]

    @property
    def gradients(self):
        """Those of the last `backward`, in the order of the parameters."""
        first, second = self.first, self.second
        return [first.grad_weight, first.grad_bias, second.grad_weight, second.grad_bias]

    def forward(self, X):
        return self.second.forward(self.activation.forward(self.first.forward(X)))

    def loss_on(self, X, targets):
        return self.loss.forward(self.forward(X), targets)

    def backward(self):
        hidden = self.second.backward(self.loss.backward())
        self.first.backward(self.activation.backward(hidden))

    def step(self, rate):
        """One step of gradient descent, in place."""
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter -= rate * gradient
