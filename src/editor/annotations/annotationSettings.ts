export type CostUnit = 'percent' | 'msPerRequest';

export interface AnnotationSettings {
  readonly heat: boolean;
  readonly lens: boolean;
  readonly unit: CostUnit;
  /** 0 to 1 of the active CPU time; what costs less is not annotated. */
  readonly minShare: number;
}

const DEFAULT_MIN_SHARE = 0.01;

/** Reads `throughline.annotations.<key>`; the setting `minShare` is in percent. */
export function annotationSettings(get: (key: string) => unknown): AnnotationSettings {
  const percent = get('minShare');
  return {
    heat: get('heat') !== false,
    lens: get('lens') !== false,
    unit: get('unit') === 'msPerRequest' ? 'msPerRequest' : 'percent',
    minShare:
      typeof percent === 'number' && percent >= 0 && percent <= 100 ? percent / 100 : DEFAULT_MIN_SHARE,
  };
}
