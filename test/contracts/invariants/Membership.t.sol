// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {PoseidonT2} from "poseidon-solidity/PoseidonT2.sol";
import {IMembershipRegistry as I} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {MembershipRegistry} from "../../../contracts/membership/MembershipRegistry.sol";
import {OperatorStaking} from "../../../contracts/staking/OperatorStaking.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {Handler} from "../support/Handler.sol";
import {TestBase} from "../support/TestBase.sol";

/// @dev Members join, renew, leave, are slashed; fees are claimed. The ghost ledger notes deposits, fees and the hash.
contract MembershipHandler is Handler {
    MembershipRegistry public immutable registry;
    address public constant BURNED = 0x000000000000000000000000000000000000dEaD;

    I.Key[] private members;
    uint256[] private secrets;
    uint256 public depositsHeld;
    uint256 public feesPaid;
    uint256 public feesStreamed;
    uint256 public burned;
    uint256 public rewarded;
    bytes32 public ledger;

    constructor(DenyToken token_, MembershipRegistry registry_) Handler(token_) {
        registry = registry_;
        approveAll(address(registry_));
    }

    function register(uint256 payer, uint256 holder, uint16 limit, uint8 home) external {
        uint256 secret = uint256(keccak256(abi.encode(members.length))) % FIELD;
        I.Key memory key = I.Key(PoseidonT2.hash([secret]), actor(holder));
        limit = uint16(within(limit, 1, 600));
        (uint256 deposit, uint256 fee) = registry.price(limit);
        vm.prank(actor(payer));
        uint32 index = registry.register(key.idCommitment, limit, key.holder, home % 3, deposit + fee);
        members.push(key);
        secrets.push(secret);
        depositsHeld += deposit;
        feesPaid += fee;
        note(1, index, key);
    }

    function renew(uint256 seed, uint256 payer) external {
        (I.Key memory key, I.Member memory m) = pick(seed);
        if (m.state != I.State.Active || block.timestamp > uint256(m.expiry) + registry.grace()) return;
        vm.prank(actor(payer));
        registry.renew(key.idCommitment, key.holder, type(uint256).max);
        feesPaid += uint256(registry.feePerMessage()) * m.rateLimit;
        note(2, m.index, key);
    }

    function exit(uint256 seed) external {
        (I.Key memory key, I.Member memory m) = pick(seed);
        if (m.state != I.State.Active || block.timestamp > uint256(m.expiry) + registry.grace()) return;
        vm.prank(key.holder);
        registry.exit(key.idCommitment);
        note(3, m.index, key);
    }

    function withdraw(uint256 seed) external {
        (I.Key memory key, I.Member memory m) = pick(seed);
        if (!withdrawable(m)) return;
        registry.withdraw(key.idCommitment, key.holder);
        depositsHeld -= depositOf(m);
    }

    function slash(uint256 seed, uint256 slasher) external {
        (I.Key memory key, I.Member memory m) = pick(seed);
        if (m.state != I.State.Active && m.state != I.State.Exited) return;
        uint256 secret = secrets[seed % members.length];
        vm.startPrank(actor(slasher));
        registry.commitSlash(
            keccak256(abi.encode(block.chainid, registry, actor(slasher), secret, bytes32(0)))
        );
        vm.roll(block.number + 2);
        registry.slash(secret, key.holder, 0);
        vm.stopPrank();
        uint256 deposit = depositOf(m);
        depositsHeld -= deposit;
        burned += deposit - deposit / 2;
        rewarded += deposit / 2;
        note(4, m.index, key);
    }

    function claimFees(uint256 seed, uint256 seed2) external {
        (I.Key memory one, I.Member memory m) = pick(seed);
        if (m.state == I.State.None) return;
        (I.Key memory two, I.Member memory m2) = pick(seed2);
        bool both = m2.home == m.home;
        I.Key[] memory list = new I.Key[](both ? 2 : 1);
        list[0] = one;
        if (both) list[1] = two; // perhaps the same one twice
        uint256 before = spread();
        registry.claimFees(list);
        feesStreamed += spread() - before;
    }

    function claim(uint256 who) external {
        if (registry.claimable(actor(who)) == 0 || token.denied(actor(who))) return;
        registry.claim(actor(who));
    }

    // --- for the invariants ---

    function memberCount() external view returns (uint256) {
        return members.length;
    }

    function pick(uint256 seed) public view returns (I.Key memory key, I.Member memory m) {
        if (members.length == 0) return (key, m);
        key = members[seed % members.length];
        m = registry.member(key.idCommitment, key.holder);
    }

    function depositOf(I.Member memory m) public view returns (uint256) {
        return uint256(registry.depositPerMessage()) * m.rateLimit;
    }

    function withdrawable(I.Member memory m) public view returns (bool) {
        if (m.state == I.State.Exited) return block.timestamp >= m.withdrawableAt;
        uint256 end = uint256(m.expiry) + registry.grace() + registry.exitDelay();
        return m.state == I.State.Active && block.timestamp > end;
    }

    function claimables() public view returns (uint256 sum) {
        for (uint256 i = 0; i < ACTORS; ++i) sum += registry.claimable(actors[i]);
        sum += registry.claimable(BURNED);
    }

    /// @dev All that has left the registry, or waits to.
    function spread() private view returns (uint256 sum) {
        for (uint256 i = 0; i < ACTORS; ++i) sum += token.balanceOf(actors[i]);
        sum += token.balanceOf(BURNED) + claimables();
    }

    function note(uint8 kind, uint32 index, I.Key memory key) private {
        I.Member memory m = registry.member(key.idCommitment, key.holder);
        ledger = keccak256(
            abi.encode(ledger, kind, index, key.idCommitment, key.holder, m.rateLimit, m.expiry)
        );
    }
}

contract MembershipInvariants is TestBase {
    DenyToken private token;
    MembershipRegistry private registry;
    MembershipHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        OperatorStaking staking = new OperatorStaking(token, 100e6, 300, 2_400, 3_000);
        I.Params memory p = I.Params(60, 60, 3_600, 600, 300, 2, 86_400, 50_001, 9_973);
        registry = new MembershipRegistry(token, staking, p);
        handler = new MembershipHandler(token, registry);
        for (uint256 i = 0; i < 2; ++i)
            staking.createOperator(handler.actors(i), handler.actors(i), address(0));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_tokensHeldAreDepositsUnstreamedFeesAndClaimables() public view {
        uint256 fees = handler.feesPaid() - handler.feesStreamed();
        uint256 sum = handler.depositsHeld() + fees + handler.claimables();
        eq(token.balanceOf(address(registry)), sum, "held = deposits + unstreamed fees + claimable");
    }

    function invariant_theGhostLedgerHasTheSameHash() public view {
        eq(registry.ledger(), handler.ledger(), "ledger hash");
        eq(registry.memberCount(), handler.memberCount(), "member count");
    }

    function invariant_atLeastHalfOfWhatIsSlashedIsBurned() public view {
        ok(handler.burned() >= handler.rewarded(), "burned >= rewarded");
    }

    /// Every member that was not slashed gets its deposit, and every fee streams to its last unit.
    function invariant_everyDepositAndFeeHasAWayOut() public {
        skip(100 * 365 days);
        for (uint256 i = 0; i < handler.memberCount(); ++i) {
            (I.Key memory key, I.Member memory m) = handler.pick(i);
            if (m.state == I.State.Active || m.state == I.State.Exited)
                registry.withdraw(key.idCommitment, key.holder);
            I.Key[] memory list = new I.Key[](1);
            list[0] = key;
            registry.claimFees(list);
        }
        eq(token.balanceOf(address(registry)), handler.claimables(), "only what waits for its payee is left");
    }
}
