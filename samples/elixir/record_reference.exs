# Records what Edifice computes, as a reference for `hymba-verify forward MODEL --expect FILE`.
#
#     elixir record_reference.exs MODEL.nx -o expected.safetensors
#     elixir record_reference.exs MODEL.safetensors -o expected.safetensors --build-opts build_opts.json
#
# It was written from Edifice's source and has NOT been run: no machine of this project reaches Hex. The sets in
# Tests/Fixtures/edifice-hymba-* were recorded in another way. docs/recording.md says how to check what it writes.
#
#   --build-opts FILE  the options that the model was built with, as JSON; an .nx with a spec needs none
#   --input FILE       a safetensors file with `input` [batch, positions, features]; else what hymba-verify takes
#   --seed N           the seed of that input (default: 1)
#
# Needs Elixir 1.18 or later, as Edifice does. Within a project that has Edifice, run it with `mix run`; elsewhere it
# installs Edifice. A backend such as EXLA is used where the project sets one up; the default one is slow and computes
# the same.

unless Code.ensure_loaded?(Edifice.SSM.Hymba) do
  Mix.install([{:edifice, github: "blasphemetheus/edifice"}, {:safetensors, "~> 0.1.3"}])
end

defmodule Probe do
  @moduledoc "The numbers of SplitMix64 that hymba-verify tries a model on."
  import Bitwise

  @mask 0xFFFFFFFFFFFFFFFF

  @doc "Features in [-1, 1), [2, 16, size]: the upper 24 bits of each number, scaled."
  def features(seed, size, batch \\ 2, positions \\ 16) do
    for(index <- 1..(batch * positions * size), do: (number(seed, index) >>> 40) / 0x800000 - 1)
    |> Nx.tensor(type: :f32)
    |> Nx.reshape({batch, positions, size})
  end

  defp number(seed, index) do
    z = (seed + index * 0x9E3779B97F4A7C15) &&& @mask
    z = bxor(z, z >>> 30) * 0xBF58476D1CE4E5B9 &&& @mask
    z = bxor(z, z >>> 27) * 0x94D049BB133111EB &&& @mask
    bxor(z, z >>> 31)
  end
end

defmodule Captures do
  @moduledoc "The nodes of Edifice's graph whose outputs are captures of hymba-verify."

  @doc "The names of the nodes by capture, but for what enters the first layer. Edifice counts layers from 1."
  def nodes(layers) do
    branches =
      for layer <- 0..(layers - 1),
          {capture, node} <- [
            {"layers.#{layer}.attention", "attn_out_proj"},
            {"layers.#{layer}.mamba", "mamba_out_proj"},
            {"layers.#{layer}.gate", "fusion_gate"},
            {"hidden_states.#{layer + 1}", "ffn_residual"}
          ],
          do: {capture, "hymba_block_#{layer + 1}_#{node}"}

    Map.new(branches ++ [{"last_hidden_state", "final_norm"}, {"output", "last_timestep"}])
  end

  @doc "One model that gives the outputs of these nodes, by capture."
  def model(%Axon{nodes: nodes} = model, captures) do
    ids = for {id, node} <- nodes, into: %{}, do: {node.name.(node.op_name, %{}), id}

    captures
    |> Map.new(fn {capture, name} -> {capture, %Axon{model | output: Map.fetch!(ids, name)}} end)
    |> Axon.container()
  end
end

defmodule Reference do
  @moduledoc "Safetensors files. Written here, as the package for Elixir writes no metadata."

  @types %{{:f, 32} => "F32", {:f, 64} => "F64", {:s, 64} => "I64"}

  def write!(path, tensors, metadata) do
    {entries, {binaries, _}} =
      Enum.map_reduce(Enum.sort(tensors), {[], 0}, fn {name, tensor}, {binaries, offset} ->
        binary = Nx.to_binary(tensor)
        finish = offset + byte_size(binary)
        shape = Tuple.to_list(Nx.shape(tensor))
        entry = %{dtype: Map.fetch!(@types, Nx.type(tensor)), shape: shape, data_offsets: [offset, finish]}
        {{name, entry}, {[binaries, binary], finish}}
      end)

    header = entries |> Map.new() |> Map.put("__metadata__", metadata) |> JSON.encode!()
    File.write!(path, [<<byte_size(header)::little-64>>, header, binaries])
  end
end

{options, arguments, unknown} =
  OptionParser.parse(System.argv(),
    aliases: [o: :output],
    strict: [output: :string, build_opts: :string, input: :string, seed: :integer]
  )

with [] <- unknown, [path] <- arguments, {:ok, output} <- Keyword.fetch(options, :output) do
  {parameters, metadata} =
    if String.ends_with?(path, ".nx"),
      do: Edifice.Checkpoint.load(path, return_metadata: true),
      else: {Edifice.Checkpoint.load(path), %{}}

  known = [:embed_dim, :hidden_size, :state_size, :num_layers, :num_heads, :num_meta_tokens]

  build_opts =
    case {options[:build_opts], metadata["__edifice_spec__"]} do
      {file, _} when is_binary(file) ->
        given = file |> File.read!() |> JSON.decode!()
        for key <- known, Map.has_key?(given, to_string(key)), do: {key, given[to_string(key)]}

      {nil, %{build_opts: build_opts}} ->
        Keyword.take(build_opts, known)

      _ ->
        IO.puts(:stderr, "error: #{path} has no spec, which tells the number of heads; pass --build-opts")
        System.halt(65)
    end

  seed = Keyword.get(options, :seed, 1)
  size = Keyword.fetch!(build_opts, :embed_dim)

  {input, source} =
    case options[:input] do
      nil -> {Probe.features(seed, size), "SplitMix64, seed #{seed}"}
      file -> {Map.fetch!(Safetensors.read!(file), "input"), Path.basename(file)}
    end

  # Dropout acts in training only, and without it no layer of the graph has another name.
  model = Edifice.SSM.Hymba.build(build_opts ++ [seq_len: Nx.axis_size(input, 1), dropout: 0.0])
  layers = Keyword.get(build_opts, :num_layers, Edifice.SSM.Hymba.default_num_layers())
  names = Captures.nodes(layers)

  # Without a projection the input itself enters the first layer.
  projected? = Map.has_key?(parameters, "input_projection")
  names = if projected?, do: Map.put(names, "hidden_states.0", "input_projection"), else: names

  {_, predict} = Axon.build(Captures.model(model, names), mode: :inference)
  found = predict.(Axon.ModelState.new(parameters), %{"state_sequence" => input})
  found = if projected?, do: found, else: Map.put(found, "hidden_states.0", input)

  version = fn application -> to_string(Application.spec(application, :vsn) || "unknown") end

  Reference.write!(output, Map.put(found, "input", input), %{
    "framework" => "Edifice #{version.(:edifice)}",
    "versions" => "Axon #{version.(:axon)}, Nx #{version.(:nx)}, Elixir #{System.version()}",
    "dtype" => "float32",
    "device" => inspect(Nx.default_backend()),
    "model_type" => "hymba (Edifice)",
    "input" => source
  })

  IO.puts("#{output}: #{map_size(found)} captures of #{inspect(Nx.shape(input))}")
else
  _ ->
    IO.puts(:stderr, "usage: record_reference.exs MODEL -o FILE [--build-opts FILE] [--input FILE] [--seed N]")
    System.halt(64)
end
