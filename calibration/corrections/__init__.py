"""What rounding costs, won back: corrections of the float Program and of its quantized copy."""
