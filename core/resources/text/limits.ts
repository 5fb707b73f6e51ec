/** What a text may cost to read. Beyond a limit it is refused, with the limit named. */
export const LIMITS = {
  /** UTF-16 code units of one text. */
  characters: 4_194_304,
  /** YAML documents of one text, and items of one List. */
  documents: 10_000,
  /** Lists and mappings within one another; the YAML library gives up by itself far above. */
  depth: 64,
  /** Values of one document, each alias counted as often as it is used (the "billion laughs"). */
  values: 200_000,
} as const;
