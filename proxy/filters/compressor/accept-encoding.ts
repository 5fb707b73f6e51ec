/** Which of several codings an answer gets by the request's Accept-Encoding (RFC 9110, 12.5.3). */
export type Why = 'no_accept_header' | 'header_identity' | 'header_wildcard' | 'header_not_valid' | 'header_compressor';

export interface Choice {
  /** '': none of them. */
  readonly encoding: string;
  readonly why: Why;
}

/** `offered`: what there is; `first`: the one that wins among equals, without which the client's order does. */
export function chooseEncoding(accepted: string | undefined, offered: readonly string[], first = ''): Choice {
  if (accepted === undefined) return { encoding: '', why: 'no_accept_header' };
  const refused = new Set<string>();
  const wanted = new Map<string, number>();
  for (const item of accepted.split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (name === '' || Number.isNaN(quality)) continue;
    if (quality === 0) refused.add(name);
    else wanted.set(name, quality);
  }
  let best = '';
  let most = 0;
  for (const [name, quality] of wanted) {
    if (quality < most || (quality === most && name !== first)) continue;
    if (name !== 'identity' && name !== '*' && !offered.includes(name)) continue;
    best = name;
    most = quality;
  }
  if (best === '') return { encoding: '', why: 'header_not_valid' };
  if (best === 'identity') return { encoding: '', why: 'header_identity' };
  if (best !== '*') return { encoding: best, why: 'header_compressor' };
  return { encoding: offered.find((name) => !refused.has(name)) ?? '', why: 'header_wildcard' };
}

function qualityOf(parameters: readonly string[]): number {
  const said = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (said === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(said) ? Number(said) : Number.NaN;
}
