"""What alerts would have done: policies laid over stored history, beside the incidents there really were."""
