"""What regular customers order: baskets, the catalogue, prices, habits and places. No I/O."""
