"""The whole book of business: indicators against targets, segments, capacity."""
