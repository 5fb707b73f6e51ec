/** OpenAPI for kubectl: v3 as core/resources makes it; v2 as an empty document, which is enough for kubectl before 1.27. */
import { apiPathOf, groupVersions, openApiDocument } from '@weft/core/resources';
import { noSuchPath } from '../status.ts';
import { answer, type Call, type Outcome, refuse } from './call.ts';

export function openApiIndex(): Outcome {
  const paths = groupVersions().map(({ group, version }) => apiPathOf(group, version));
  const entries = paths.map((path) => [path.slice(1), { serverRelativeURL: `/openapi/v3${path}` }]);
  return answer({ paths: Object.fromEntries(entries) });
}

export function openApiV3({ params, path }: Call): Outcome {
  const document = openApiDocument(params['group'] ?? '', params['version'] ?? '');
  return document === undefined ? refuse(noSuchPath(path)) : answer(document);
}

/** kubectl 1.20 reads v2 in protobuf only: a Document with `swagger: "2.0"` and nothing else (field 1, 3 bytes). */
export function openApiV2({ request }: Call): Outcome {
  if ((request.headers.accept ?? '').includes('protobuf')) {
    return { code: 200, body: '\n\u00032.0', type: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' };
  }
  return answer({ swagger: '2.0', info: { title: 'Weft', version: '0' }, paths: {}, definitions: {} });
}
