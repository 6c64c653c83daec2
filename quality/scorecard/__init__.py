"""The scorecard of GB/T 36344-2018: indicators, configured weights, exact scores."""
