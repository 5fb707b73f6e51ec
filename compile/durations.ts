/** Durations of rows that kept their text: the schema has checked the form, so it always parses. */
import { parseDuration } from '@weft/core/kernel';

/** Milliseconds. */
export const milliseconds = (text: string): number => parseDuration(text) ?? 0;
