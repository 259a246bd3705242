-- One line of figures for `wrk`: what was answered with 2xx a second, and how fast. Arguments: what to send (`create`,
-- `show` or `newkey`), then the algorithm, or the path to show; the token, but for cfssl, is in LOAD_TOKEN.

local function create(algorithm)
    return "POST", "/v3/scm/csr", string.format(
        '{"name":"load","domain_name":"www.example.com","sans":"example.com","private_key_algo":"%s",' ..
        '"usage":"ENTERPRISE","company_country":"CN","company_province":"Beijing","company_city":"Beijing",' ..
        '"company_name":"Example"}', algorithm)
end

local function newkey(algorithm)
    local kind, size = "ecdsa", 256
    if algorithm == "RSA_2048" then kind, size = "rsa", 2048 end
    return "POST", "/api/v1/cfssl/newkey", string.format(
        '{"CN":"www.example.com","hosts":["www.example.com","example.com"],"key":{"algo":"%s","size":%d},' ..
        '"names":[{"C":"CN","ST":"Beijing","L":"Beijing","O":"Example"}]}', kind, size)
end

function init(arguments)
    local what, of = arguments[1], arguments[2]
    if what == "create" then wrk.method, wrk.path, wrk.body = create(of)
    elseif what == "newkey" then wrk.method, wrk.path, wrk.body = newkey(of)
    else wrk.path = of end
    wrk.headers["X-Auth-Token"] = os.getenv("LOAD_TOKEN")
    wrk.headers["Content-Type"] = "application/json"
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format("%10.1f/s   p50 %8.2f ms   p99 %8.2f ms   not 2xx %d   broken %d",
        (summary.requests - errors.status) / (summary.duration / 1e6),
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
