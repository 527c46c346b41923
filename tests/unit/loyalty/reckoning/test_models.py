"""The models of visits, payments and rhythm against brute force, and on customers whose truth is known."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, gamma

from shopbell.loyalty.reckoning.bgnbd import BgNbd, Visits, fit_visits, intervals
from shopbell.loyalty.reckoning.foresight import Forecaster
from shopbell.loyalty.reckoning.gammagamma import GammaGamma, fit_spending
from shopbell.loyalty.reckoning.rhythm import Gaps, fit_rhythm
from tests.fakes.shoppers import TRUTH, Crowd, crowd

BUYING = BgNbd(r=0.7, alpha=9.0, a=0.8, b=2.5, log_likelihood=0.0, covariance=np.eye(4) * 1e-6)
PAYING = GammaGamma(p=3.0, q=4.0, gamma=2500.0, log_likelihood=0.0, covariance=np.eye(3) * 1e-6)


@pytest.fixture(scope="module")
def known() -> Crowd:
    """Give customers drawn as the models have it."""
    return crowd(1, 900)


def one(repeats: int, last: float, age: float) -> Visits:
    return Visits(np.array([float(repeats)]), np.array([last]), np.array([age]))


@pytest.mark.parametrize(("repeats", "last", "age"), [(0, 0.0, 30.0), (1, 4.0, 30.0), (5, 28.0, 30.0)])
def test_likelihood_is_the_average_over_all_rates_and_chances(repeats: int, last: float, age: float) -> None:
    """The closed form equals numerical integration of what one customer's rate and chance make likely."""
    nodes, weights = np.polynomial.legendre.leggauss(120)
    shares = (nodes + 1) / 2  # quantiles, so that every node is as likely as its weight
    chance = beta.ppf(shares, BUYING.a, BUYING.b)[:, None]
    rate = gamma.ppf(shares, BUYING.r, scale=1 / BUYING.alpha)[None, :]
    bought = (1 - chance) ** repeats * rate**repeats
    stay = bought * np.exp(-rate * age)
    stop = bought / (1 - chance) * chance * np.exp(-rate * last) if repeats else 0.0
    expected = float(weights / 2 @ (stay + stop) @ weights / 2)
    found = float(np.exp(BUYING.log_likelihoods(one(repeats, last, age))[0]))
    assert found == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("repeats", [0, 3, 400])
@pytest.mark.parametrize(("a", "b"), [(0.8, 2.5), (1.0, 3.0), (2.0, 900.0)])
def test_expected_visits_are_the_average_over_all_chances(repeats: int, a: float, b: float) -> None:
    """The formula stays exact for 400 visits, at its pole, and where customers hardly differ."""
    model = BgNbd(r=0.7, alpha=9.0, a=a, b=b, log_likelihood=0.0, covariance=np.eye(4))
    visits, days = one(repeats, 90.0 if repeats else 0.0, 100.0), 180.0
    ratio, power = days / (model.alpha + 100.0), model.r + repeats

    def share(quantile: float) -> float:
        chance = max(float(beta.ppf(quantile, a, b + repeats)), 1e-14)
        return float(-np.expm1(-power * np.log1p(chance * ratio)) / chance)

    expected = quad(share, 0, 1, limit=300)[0] * float(model.alive(visits)[0])
    assert float(model.expected(visits, days)[0]) == pytest.approx(expected, rel=1e-3)


def test_one_visit_long_ago_is_no_sure_customer() -> None:
    """P(alive) is 1 for whoever came once; the chance to return falls with the time away."""
    once = Visits(np.zeros(3), np.zeros(3), np.array([10.0, 100.0, 1000.0]))
    assert BUYING.alive(once).tolist() == [1.0, 1.0, 1.0]
    chances = BUYING.returns(once, 60)
    assert chances[0] > chances[1] > chances[2]
    assert chances[2] < 0.1


def test_planted_parameters_are_found_again(known: Crowd) -> None:
    """Of 900 customers all four parameters lie in their profile intervals, and payments within a tenth."""
    model = fit_visits(known.visits)
    held = [
        low <= truth <= high
        for truth, (low, high) in zip(TRUTH[:4], intervals(model, known.visits), strict=True)
    ]
    assert held == [True] * 4
    again = known.visits.repeats > 0
    paying = fit_spending(known.visits.repeats[again], known.mean[again])
    assert paying.expected(np.zeros(1), np.zeros(1))[0] == pytest.approx(2500, rel=0.1)


def test_figures_do_not_depend_on_the_unit_of_time(known: Crowd) -> None:
    """In weeks the same customers give the same r, a and b, and a seventh of alpha."""
    visits = known.visits
    weeks = Visits(visits.repeats, visits.last / 7, visits.age / 7)
    days, other = fit_visits(visits), fit_visits(weeks)
    assert other.parameters * [1, 7, 1, 1] == pytest.approx(days.parameters, rel=1e-3)
    shift = float(np.sum(visits.repeats)) * np.log(7)
    assert other.log_likelihood == pytest.approx(days.log_likelihood + shift, abs=1e-4)


def test_intervals_hold_95_of_100_customers(known: Crowd) -> None:
    """What customers really did in the next year lies within their intervals as often as is said."""
    again = known.visits.repeats > 0
    buying = fit_visits(known.visits)
    paying = fit_spending(known.visits.repeats[again], known.mean[again])
    seen = Forecaster(buying, paying, 365).foresee(known.visits, known.visits.repeats, known.mean)
    within = (known.spent >= seen.spent_low) & (known.spent <= seen.spent_high)
    assert 0.93 <= float(within.mean()) <= 0.97
    assert float(known.came.sum()) == pytest.approx(float(seen.visits.sum()), rel=0.15)


def test_a_weekly_customer_three_weeks_late_is_given_up_sooner_than_an_irregular_one() -> None:
    """The same 21 days say more of who came like a clock than of who came now and then."""
    random = np.random.default_rng(3)
    crowds = [random.gamma(shape, 7 / shape, (200, 30)) for shape in (15.0, 1.0)]
    gaps = np.concatenate(crowds)
    since = np.concatenate([random.uniform(60, 300, 40), random.exponential(4, 358), [21.0, 21.0]])
    gaps[-2:] = [np.full(30, 7.0) + random.normal(0, 0.5, 30), random.exponential(7, 30)]
    fitted = fit_rhythm(Gaps(np.full(400, 30.0), gaps.sum(axis=1), np.log(gaps).sum(axis=1), since))
    told = fitted.judged(Gaps(np.full(400, 30.0), gaps.sum(axis=1), np.log(gaps).sum(axis=1), since), 60)
    assert told.patience[-2] < 0.02  # late is below 0.05
    assert told.patience[-1] > 0.05
    assert told.alive[-2] < 0.8
    assert told.alive[-1] > 0.9
