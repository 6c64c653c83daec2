"""What does not compile runs on Great Expectations itself, over pandas, in bounded chunks."""

from __future__ import annotations

from quality.expectations.run import problem_of, run_expectations

__all__ = ["problem_of", "run_expectations"]
