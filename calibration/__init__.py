"""From images to ranges to quantized Programs."""
