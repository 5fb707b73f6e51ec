/** A request against a configuration: one pure home for matching, access and redirects, run by the engine in this compiled form. */
export { type AccessVerdict, CompiledRbac } from './access.ts';
export { canonicalHost, canonicalPath, type CanonicalPath, isPlainPath } from './canonical.ts';
export { ClientAddress, fromTheRight } from './client-address.ts';
export { type Decision, Decider, decide, wholeNumber } from './decide.ts';
export {
  compileHeader,
  compileQueryParameter,
  compileString,
  cookieValue,
  queryParameter,
  type ReportFault,
  type RequestPredicate,
  type StringPredicate,
} from './matchers.ts';
export { compileMetadata, compileValue, isStruct, metadataAt } from './metadata.ts';
export { locationOfAnswer, redirectLocation } from './redirect.ts';
export { re2 } from './re2.ts';
export { linearRegex, type LinearRegex } from './regex.ts';
export {
  type ConnectionView,
  type HeaderView,
  matchedHeader,
  type MetadataView,
  type PeerNames,
  type RequestView,
} from './request.ts';
export { parseUriRewrite, parseUriTemplate, type UriTemplate } from './uri-template.ts';
export {
  chooseWeighted,
  chooseWeightedBy,
  type CompiledMatch,
  CompiledRoute,
  compileMatch,
  RouteTable,
  withoutPort,
} from './route-table.ts';
