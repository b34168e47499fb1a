/** Left halves of generated names. */
export const ADJECTIVES: readonly string[] = (
  'able agile airy amber ample apt avid azure balmy blithe bold brave breezy bright brisk calm candid cheery ' +
  'chipper civil clear clever coastal cobalt cool copper cosmic cosy crafty crisp curious dapper daring deft ' +
  'dreamy eager early earnest easy elated epic fair fleet fluent fond frank fresh friendly gentle gifted glad ' +
  'golden grand happy hardy hearty honest humble ideal indigo jolly jovial keen kind lively loyal lucid lucky ' +
  'mellow merry mighty modest neat nifty nimble noble open patient placid plucky polite proud prudent quick ' +
  'quiet ready robust rustic serene sharp silver sincere sleek smart snug sober solar spry steady sturdy sunny ' +
  'swift tidy tranquil trusty upbeat valiant vivid warm wise witty zesty'
).split(' ');

/** Right halves: people who moved loads, built bridges, ships and machines, or counted and mapped the world. */
export const SURNAMES: readonly string[] = (
  'ampere anning archer babbage baird banneker bell bernoulli bessel bohr boole bose bouch brahe braun brunel ' +
  'cantor carnot carson cayley celsius clarke coulomb curie daimler darby davy diesel dirac drake eads edison ' +
  'eiffel einstein ellet erdos euler faraday fermat fourier franklin fuller fulton galileo gauss germain goddard ' +
  'hamilton harrison hertz hooke hopper hubble huygens jacquard jenner joule kelvin kepler kilby knuth kovacs ' +
  'lagrange lamarr laplace leavitt leibniz lovelace marconi maudslay maxwell mclean meitner mendel mercator ' +
  'morse napier newcomen newton nobel noether ohm otis papin pascal pasteur perkins planck poincare ptolemy ' +
  'ramanujan riemann roebling savery shannon siemens stephenson telford tesla torricelli trevithick turing volta ' +
  'watt whitworth wozniak wren zeppelin zuse'
).split(' ');
