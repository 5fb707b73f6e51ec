/** Shares of requests (envoy.type.v3.FractionalPercent). */
import type { Fraction } from '@weft/core/proxy-config';

/** `roll` in [0, 1). */
export const takes = ({ numerator, denominator }: Fraction, roll: number): boolean => roll * denominator < numerator;

/** Whether any request is meant. */
export const isSet = ({ numerator }: Fraction): boolean => numerator > 0;
