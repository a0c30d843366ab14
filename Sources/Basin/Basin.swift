// What a program gets with `import Basin`: the public declarations of these targets. All else in them is
// `package`, and may change from version to version.
@_exported public import Analyses
@_exported public import AnalysisFigures
@_exported public import Artifacts
@_exported public import ComputationGraph
@_exported public import Datasets
@_exported public import FileFormats
@_exported public import GradientRatios
@_exported public import GraphRuntime
@_exported public import HessianSpectra
@_exported public import Krylov
@_exported public import LinearAlgebra
@_exported public import LossSurfaces
@_exported public import NeuralNetworks
@_exported public import Objectives
@_exported public import Plotting
@_exported public import Settings
@_exported public import Training
