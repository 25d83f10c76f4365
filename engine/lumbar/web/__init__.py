"""The interview and the plan in a browser."""
