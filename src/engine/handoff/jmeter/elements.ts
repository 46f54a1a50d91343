import { element, escapeXml, type Xml } from '../xml';

/** The kinds of properties that JMeter's plans have. */
export function stringProp(name: string, value: string): Xml {
  return element('stringProp', { name }, escapeXml(value));
}
export function boolProp(name: string, value: boolean): Xml {
  return element('boolProp', { name }, String(value));
}
export function intProp(name: string, value: number): Xml {
  return element('intProp', { name }, String(value));
}
export function collectionProp(name: string, ...items: readonly Xml[]): Xml {
  return element('collectionProp', { name }, ...items);
}

/** An element of the plan's tree, and what stands below it. */
export function node(
  type: { readonly testclass: string; readonly guiclass: string },
  testname: string,
  properties: readonly Xml[],
  below: readonly Xml[] = [],
): Xml {
  const { testclass, guiclass } = type;
  const own = element(testclass, { guiclass, testclass, testname, enabled: 'true' }, ...properties.map(line));
  return `\n${own}\n<hashTree>${below.join('')}</hashTree>`;
}

function line(property: Xml): Xml {
  return `\n  ${property}`;
}

/** Variables, in the form of several elements. */
export function argumentsOf(values: Readonly<Record<string, string>>): Xml {
  return collectionProp(
    'Arguments.arguments',
    ...Object.entries(values).map(([name, value]) =>
      element(
        'elementProp',
        { name, elementType: 'Argument' },
        stringProp('Argument.name', name),
        stringProp('Argument.value', value),
        stringProp('Argument.metadata', '='),
      ),
    ),
  );
}

export function testBean(testclass: string) {
  return { testclass, guiclass: 'TestBeanGUI' };
}
export function withGui(testclass: string, guiclass = `${testclass}Gui`) {
  return { testclass, guiclass };
}

/** Until `ms` are over; a text may be one of JMeter's functions. */
export function pause(name: string, ms: string, below: readonly Xml[] = []): Xml {
  const properties = [
    intProp('ActionProcessor.action', 1),
    intProp('ActionProcessor.target', 0),
    stringProp('ActionProcessor.duration', ms),
  ];
  return node(withGui('TestAction'), name, properties, below);
}

/** Counts iterations of its thread group, over all threads, from 0; to `end` and again. */
export function counter(name: string, end: number | undefined): Xml {
  return node(withGui('CounterConfig'), name, [
    stringProp('CounterConfig.start', '0'),
    stringProp('CounterConfig.end', end === undefined ? '' : String(end)),
    stringProp('CounterConfig.incr', '1'),
    stringProp('CounterConfig.name', name),
    stringProp('CounterConfig.format', ''),
    boolProp('CounterConfig.per_user', false),
  ]);
}
