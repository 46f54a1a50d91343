import type { JsonValue } from '../../model/loadTest';
import type { Xml } from '../xml';
import { node, stringProp, testBean } from './elements';
import { literal, NOT_CAPTURED } from './text';

/** Takes a value from the reply's JSON by RFC 6901. JMeter 3.1 and later have Groovy. */
export function jsonCapture(name: string, pointer: string): Xml {
  const script = `${FIND}
def value = find(prev.getResponseDataAsString(), ${text(pointer)})
vars.put(${text(name)}, value == null ? '${NOT_CAPTURED}' : value instanceof String ? value : groovy.json.JsonOutput.toJson(value))
`;
  return scripted('JSR223PostProcessor', name, script);
}

export function jsonAssertion(name: string, pointer: string, equals: JsonValue | undefined): Xml {
  const expected = `new groovy.json.JsonSlurper().parseText(${text(JSON.stringify(equals))})`;
  const holds = equals === undefined ? 'found' : `found && value == ${expected}`;
  const script = `${FIND}
def value = null
def found = true
try { value = find(prev.getResponseDataAsString(), ${text(pointer)}, true) } catch (Exception missing) { found = false }
AssertionResult.setFailure(!(${holds}))
AssertionResult.setFailureMessage(${text(name)})
`;
  return scripted('JSR223Assertion', name, script);
}

/** Without a "$" before a "{", which JMeter would read as a variable. */
const FIND = `def find(String body, String pointer, boolean strict = false) {
  def value
  try {
    value = new groovy.json.JsonSlurper().parseText(body)
    for (raw in (pointer == '' ? [] : pointer.substring(1).split('/', -1) as List)) {
      def key = raw.replace('~1', '/').replace('~0', '~')
      if (value instanceof List && key ==~ /0|[1-9][0-9]*/ && (key as int) < value.size()) value = value[key as int]
      else if (value instanceof Map && value.containsKey(key)) value = value[key]
      else throw new NoSuchElementException(key)
    }
  } catch (Exception failed) {
    if (strict) throw failed
    return null
  }
  return value
}`;

/** A text that no character of it can end: Groovy reads Unicode escapes before it reads strings. */
function text(value: string): string {
  return `new String('${Buffer.from(value, 'utf8').toString('base64')}'.decodeBase64(), 'UTF-8')`;
}

function scripted(testclass: string, name: string, script: string): Xml {
  return node(testBean(testclass), literal(name), [
    stringProp('scriptLanguage', 'groovy'),
    stringProp('parameters', ''),
    stringProp('filename', ''),
    stringProp('cacheKey', ''),
    stringProp('script', script),
  ]);
}
