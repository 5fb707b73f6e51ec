/** What form of answer a client wants (Accept, RFC 9110 section 12.5.1, with Kubernetes' parameters `as`, `g`, `v`). */
export type Form = 'object' | 'table' | 'partial';

/** The first form in the list that is served; undefined: none (406). Weights are not looked at, as by Kubernetes' clients. */
export function acceptedForm(header: string | undefined): Form | undefined {
  if (header === undefined || header.trim() === '') return 'object';
  for (const range of header.slice(0, 2048).split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const values = new Map(
      parameters.map((parameter) => [parameter.split('=')[0] ?? '', parameter.split('=')[1] ?? '']),
    );
    const as = values.get('as');
    if (as === undefined) return 'object';
    if (values.get('g') !== 'meta.k8s.io' || values.get('v') !== 'v1') continue;
    if (as === 'table') return 'table';
    if (as === 'partialobjectmetadata' || as === 'partialobjectmetadatalist') return 'partial';
  }
  return undefined;
}
