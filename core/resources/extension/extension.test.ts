import { testSpecs } from '../testing/cases.ts';
import { EXTENSION } from './index.ts';

testSpecs(EXTENSION, [
  { what: 'the shortest', spec: 'authorization: {service: {name: a}}', expected: [] },
  {
    what: 'by HTTP, with all that it has',
    spec: 'authorization: {protocol: HTTP, service: {name: a, port: 80}, pathPrefix: /check, body: {maxBytes: 100}, requestHeaders: [cookie], upstreamHeaders: [x-user], downstreamHeaders: [location]}',
    expected: [],
  },
  {
    what: 'what only HTTP has',
    spec: 'authorization: {service: {name: a}, pathPrefix: /check, upstreamHeaders: [x-user]}',
    expected: ['exclusive-fields authorization.pathPrefix', 'exclusive-fields authorization.upstreamHeaders'],
  },
  {
    what: 'no path, too long a time',
    spec: 'authorization: {protocol: HTTP, service: {name: a}, pathPrefix: check, timeout: 2m}',
    expected: ['out-of-range authorization.timeout', 'invalid-value authorization.pathPrefix'],
  },
  { what: 'nobody is asked', spec: '{}', expected: ['missing-field authorization'] },
  { what: 'processing, the shortest', spec: 'processing: {service: {name: a}}', expected: [] },
  {
    what: 'processing, with all that it has',
    spec: 'processing: {service: {name: a, port: 80}, timeout: 1s, onFailure: Allow, request: {headers: Skip, body: Streamed}, response: {body: Buffered}, shownHeaders: [x-a], route: ChooseAgain, modeOverride: true}',
    expected: [],
  },
  {
    what: 'a processor that sees nothing',
    spec: 'processing: {service: {name: a}, timeout: 2m, request: {headers: Skip}, response: {headers: Skip}}',
    expected: ['out-of-range processing.timeout', 'no-effect processing.request'],
  },
  {
    what: 'both',
    spec: 'authorization: {service: {name: a}}\nprocessing: {service: {name: a}}',
    expected: ['exclusive-fields authorization'],
  },
  {
    what: 'processing of a service and of a listener',
    spec: 'targetRefs: [{name: a}, {kind: Gateway, name: g, sectionName: l}]\nprocessing: {service: {name: a}}',
    expected: [],
  },
  {
    what: 'authorization with targets, and a route as one',
    spec: 'targetRefs: [{name: a}]\nauthorization: {service: {name: a}}',
    expected: ['exclusive-fields targetRefs'],
  },
]);
