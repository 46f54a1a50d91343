import type { StackProfile, StackTree } from '../../model/stackProfile';
import type { ExportFormat } from '../../model/view';
import { collapsedExport } from './collapsedExport';
import { markdownSummary } from './markdownSummary';
import { speedscopeExport } from './speedscopeExport';
import { svgExport } from './svgExport';

/** What an export says of the view besides its tree. */
export interface ExportedView {
  /** Callers stand on callees: the functions that ran are next to the root. */
  readonly inverted?: boolean;
  /** What the document is called, e.g. the file's name. */
  readonly title?: string;
  /** Lines of the sources that the view shows, most of the own values first; as recorded where absent. */
  readonly lines?: readonly ExportedLine[];
}

export interface ExportedLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Function that the line is in. */
  readonly name: string;
  readonly value: number;
  readonly samples: number;
}

/**
 * The text of a document with what a view shows.
 * @param tree of the view: the profile's own, or what transforms made of it.
 */
export function exportProfile(
  format: ExportFormat,
  profile: StackProfile,
  tree: StackTree,
  view: ExportedView = {},
): string {
  switch (format) {
    case 'speedscope':
      return speedscopeExport(profile, tree, view);
    case 'collapsed':
      return collapsedExport(profile, tree);
    case 'markdown':
      return markdownSummary(profile, tree, view);
    case 'svg':
      return svgExport(profile, tree, view);
  }
}
