"""Events: messages of a stream become rows, many thousands in a second."""
