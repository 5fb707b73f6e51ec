/** The head of an answer as matchers see it (envoy.config.common.matcher.v3.MatchPredicate). */
import { compileHeader, type HeaderView } from '@weft/core/decide';
import type { AnswerMatcher, Cluster } from '@weft/core/proxy-config';
import { type FieldBlock, headerName } from '@weft/wire/http1';

export class AnswerHeaders implements HeaderView {
  readonly method = '';
  readonly path = '';
  readonly query = undefined;
  readonly host = '';
  readonly scheme = '';
  readonly #status: number;
  readonly #head: FieldBlock;

  constructor(status: number, head: FieldBlock) {
    this.#status = status;
    this.#head = head;
  }

  header(name: string): string | undefined {
    if (name === ':status') return String(this.#status);
    const wanted = headerName(name);
    return wanted === undefined ? undefined : this.#head.joined(wanted);
  }

  /** Values are not told apart. */
  headerValue(): undefined {
    return undefined;
  }
}

export type AnswerPredicate = (answer: HeaderView) => boolean;

export function compileAnswer(matcher: AnswerMatcher): AnswerPredicate {
  switch (matcher.kind) {
    case 'any':
      return () => true;
    case 'not': {
      const rule = compileAnswer(matcher.rule);
      return (answer) => !rule(answer);
    }
    case 'or': {
      const rules = matcher.rules.map(compileAnswer);
      return (answer) => rules.some((rule) => rule(answer));
    }
    case 'and': {
      const rules = matcher.rules.map(compileAnswer);
      return (answer) => rules.every((rule) => rule(answer));
    }
    case 'headers': {
      // Expressions were compiled when the configuration was taken.
      const headers = matcher.headers.map((header) => compileHeader(header, () => {}));
      return (answer) => headers.every((header) => header(answer, 'joined'));
    }
  }
}

/** What a cluster itself says about which answers failed; undefined: nothing. */
export interface FailedAnswers {
  readonly http: AnswerPredicate | undefined;
  /** Statuses of gRPC; those that are not there did not fail. */
  readonly grpc: ReadonlySet<number> | undefined;
}

export function failedAnswers({ errorMatcher, outlierDetection }: Cluster): FailedAnswers | undefined {
  const grpc = outlierDetection?.own?.grpcFailures;
  if (errorMatcher === undefined && grpc === undefined) return undefined;
  return {
    http: errorMatcher === undefined ? undefined : compileAnswer(errorMatcher),
    grpc: grpc === undefined ? undefined : new Set(grpc),
  };
}
