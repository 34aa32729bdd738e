"""How engines take turns."""

import math
import statistics
import time

SHORTEST_TURN = 0.2   # seconds; faster workloads are repeated
WARM = 1              # seconds after which a first pass has warmed up itself
SETTLE = 0.005        # seconds for threads of the engine before to stop spinning


class Turns:
    """What was measured of one engine with one workload."""

    def __init__(self, engine, load):
        self.engine = engine
        self.calls_of_a_pass = engine.ask("load", **load)["calls"]
        seconds = self.seconds_of_a_pass()
        if seconds < WARM:
            seconds = self.seconds_of_a_pass()
        self.times = max(1, math.ceil(SHORTEST_TURN / max(seconds, 1e-5)))
        self.passes = []  # milliseconds of a pass through the workload, one for each turn
        self.calls = []   # milliseconds of every call that counts, whatever the turn

    def seconds_of_a_pass(self):
        return sum(self.engine.ask("run", times=1)["milliseconds"]) / 1e3

    def take(self):
        """The median pass, less the first half of them: there, threads find their cores."""
        milliseconds = self.engine.ask("run", times=self.times)["milliseconds"]
        size = self.calls_of_a_pass
        passes = [milliseconds[i:i + size] for i in range(0, len(milliseconds), size)]
        counted = passes[len(passes) // 2:]
        self.passes.append(statistics.median(map(sum, counted)))
        self.calls += [call for calls in counted for call in calls]

    def result(self, with_calls):
        result = {"turns": [round(ms, 5) for ms in self.passes]}
        if with_calls:
            result["calls"] = [float(f"{ms:.4g}") for ms in self.calls]
        return result


def measure(engines, load, rounds, with_calls=False):
    """By engine: the milliseconds of each turn, and of each call where they are asked for.

    Another engine begins each round: who follows whom favours nobody."""
    turns = [Turns(engine, load) for engine in engines]
    for number in range(rounds):
        first = number % len(turns)
        for turn in turns[first:] + turns[:first]:
            time.sleep(SETTLE)
            turn.take()
    return {turn.engine.label: turn.result(with_calls) for turn in turns}
