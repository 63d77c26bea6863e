/**
 * The layers of ARCHITECTURE.md as rules: arrows run from targets to checkers and nemesis to the harness's
 * contracts, and only the command line sees everything. Part of `npm test`.
 */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(harness|targets|checkers|nemesis|reports|test)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Modules that import each other, if only for types, cannot be understood one at a time.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only('checkers-see-histories', 'A checker depends on histories and on nothing else.', '^checkers/', [
      '^checkers/',
      '^harness/(history/|json\\.ts|random\\.ts|errors\\.ts|module-url\\.ts|entry-points\\.ts)',
    ]),
    only(
      'nemesis-sees-clusters',
      'A fault depends on the cluster contract and on nothing else.',
      '^nemesis/',
      [
        '^nemesis/',
        '^harness/(cluster/[^/]+\\.ts|node/program\\.ts|json\\.ts|random\\.ts|time\\.ts|errors\\.ts)',
      ],
    ),
    only('reports-see-results', 'A report is made from results and histories.', '^reports/', [
      '^reports/',
      '^harness/(run/(results|reporter|trace)\\.ts|history/|json\\.ts|time\\.ts|errors\\.ts)',
    ]),
    only(
      'targets-see-contracts',
      'A target knows checkers, nemesis and the contracts of the harness.',
      '^targets/',
      [
        '^targets/',
        '^checkers/',
        '^nemesis/',
        '^harness/(history/|generator/|client/client\\.ts|cluster/(cluster|membership)\\.ts|node/program\\.ts|run/target\\.ts|json\\.ts|random\\.ts|errors\\.ts|module-url\\.ts)',
      ],
    ),
    only(
      'engine-knows-nobody',
      'The engine knows no target, checker, fault or report by name; only the command line does.',
      '^harness/(?!cli/)',
      ['^harness/(?!cli/)'],
    ),
    {
      name: 'product-needs-no-tests',
      comment: 'What is shipped does not import tests.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|store)/' },
  },
};
