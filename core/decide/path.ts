/** Path matching and rewriting of routes (envoy.config.route.v3.RouteMatch, RouteAction, RedirectAction) on the canonical path. */
import type { RouteMatch } from '../proxy-config/index.ts';
import type { ReportFault } from './matchers.ts';
import { linearRegex } from './regex.ts';
import { parseUriRewrite, parseUriTemplate } from './uri-template.ts';

export interface PathMatcher {
  matches(path: string, method: string): boolean;
  /** Characters of `path` that a prefix rewrite replaces; all of them for exact and regular expressions. */
  matchedLength(path: string): number;
}

export function compilePath(match: RouteMatch['path'], report: ReportFault): PathMatcher {
  switch (match.kind) {
    case 'connect':
      return { matches: (_, method) => method === 'CONNECT', matchedLength: () => 0 };
    case 'regex': {
      const regex = linearRegex(match.regex, match.ignoreCase);
      if (regex === undefined) report(`path regular expression ${JSON.stringify(match.regex)} is not RE2 syntax`);
      return {
        matches: (path, method) => method !== 'CONNECT' && regex?.matches(path) === true,
        matchedLength: (path) => path.length,
      };
    }
    case 'template': {
      const template = parseUriTemplate(match.template);
      const regex = template === undefined ? undefined : linearRegex(template.regex);
      if (regex === undefined) report(`${JSON.stringify(match.template)} is no path template`);
      return {
        matches: (path, method) => method !== 'CONNECT' && regex?.matches(path) === true,
        matchedLength: (path) => path.length,
      };
    }
    case 'exact':
    case 'prefix':
    case 'path-separated-prefix': {
      const { kind, ignoreCase } = match;
      const wanted = ignoreCase ? match.value.toLowerCase() : match.value;
      const { length } = wanted;
      const test = (path: string): boolean => {
        if (kind === 'exact') return path === wanted;
        return (
          path.startsWith(wanted) && (kind === 'prefix' || path.length === length || path.charCodeAt(length) === 47)
        );
      };
      return {
        matches: (path, method) => method !== 'CONNECT' && test(ignoreCase ? path.toLowerCase() : path),
        matchedLength: () => length,
      };
    }
  }
}

export type PathRewrite = (path: string) => string;

/** The new path, without query. `undefined` when the path stays. */
export function compileRewrite(
  rewrite:
    | { readonly kind: 'none' | 'keep' }
    | { readonly kind: 'prefix'; readonly value: string }
    | { readonly kind: 'full'; readonly value: string }
    | { readonly kind: 'regex'; readonly regex: string; readonly substitution: string }
    | { readonly kind: 'template'; readonly template: string },
  match: RouteMatch['path'],
  matcher: PathMatcher,
  report: ReportFault,
): PathRewrite | undefined {
  switch (rewrite.kind) {
    case 'none':
    case 'keep':
      return undefined;
    case 'full':
      return () => rewrite.value;
    case 'prefix':
      return (path) => rewrite.value + path.slice(matcher.matchedLength(path));
    case 'template': {
      const template = match.kind === 'template' ? parseUriTemplate(match.template) : undefined;
      const substitution = template === undefined ? undefined : parseUriRewrite(rewrite.template, template);
      const regex = template === undefined ? undefined : linearRegex(`^${template.regex}$`);
      if (substitution === undefined || regex === undefined) {
        report(`${JSON.stringify(rewrite.template)} is no rewrite of the route's path template`);
        return undefined;
      }
      return (path) => regex.replace(path, substitution);
    }
    case 'regex': {
      const regex = linearRegex(rewrite.regex);
      if (regex === undefined) {
        report(`rewrite regular expression ${JSON.stringify(rewrite.regex)} is not RE2 syntax`);
        return undefined;
      }
      // A path of nothing is none: as Envoy, it stays then.
      return (path) => regex.replace(path, rewrite.substitution) || path;
    }
  }
}
