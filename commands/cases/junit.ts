/** A case, and what of it is not as it is to be. */
export type Tested = { readonly name: string; readonly problems: readonly string[] };

/** The results as JUnit's XML, as CI systems read it (https://github.com/testmoapp/junitxml). */
export function printJUnit(tested: readonly Tested[], suite: string): string {
  const failed = tested.filter(({ problems }) => problems.length > 0).length;
  const cases = tested.map(({ name, problems }) => {
    const start = `    <testcase classname="${escape(suite)}" name="${escape(name)}"`;
    if (problems.length === 0) return `${start}/>`;
    const [first = ''] = problems;
    return `${start}>\n      <failure message="${escape(first)}">${escape(problems.join('\n'))}</failure>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${tested.length}" failures="${failed}">`,
    `  <testsuite name="${escape(suite)}" tests="${tested.length}" failures="${failed}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>\n',
  ].join('\n');
}

/** Other control characters cannot stand in XML at all. */
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"\p{Cc}]/gu, (character) => entities[character] ?? '?');
}
