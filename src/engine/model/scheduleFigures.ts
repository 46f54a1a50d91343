import { formatMicrosShort } from './loadFigures';
import { LATE_MICROS, type ScheduleResult } from './loadWindow';
import { formatCount } from './text';
import { formatMicros, formatShare } from './units';

/** How an open model's schedule was kept, for the panel and for reports. */
export function scheduleFigures(of: ScheduleResult): readonly {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly isBad?: boolean;
}[] {
  const share = (count: number) => (of.intended > 0 ? formatShare(count / of.intended) : '–');
  return [
    { name: 'Intended', value: formatCount(of.intended) },
    {
      name: 'Started',
      value: formatCount(of.started),
      note: share(of.started),
      isBad: of.started < of.intended,
    },
    {
      name: 'Unstarted',
      value: formatCount(of.unstarted),
      note: 'no virtual user was free',
      isBad: of.unstarted > 0,
    },
    {
      name: 'Late',
      value: formatCount(of.late),
      note: `over ${formatMicrosShort(LATE_MICROS)}`,
      isBad: of.late > 0,
    },
    { name: 'Cut off', value: formatCount(of.interrupted), note: 'at the end', isBad: of.interrupted > 0 },
    {
      name: 'Generator lag p99',
      value: formatMicros(of.lagP99Micros),
      note: `p50 ${formatMicros(of.lagP50Micros)}, longest ${formatMicros(of.lagMaxMicros)}`,
    },
  ];
}
