// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking as I} from "../../../contracts/interfaces/IOperatorStaking.sol";
import {OperatorStaking} from "../../../contracts/staking/OperatorStaking.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {Handler} from "../support/Handler.sol";
import {Walk} from "../support/Walk.sol";

/// @dev Operators with two provisions each, whose adjudicator and fee registry is the handler; every actor stakes, delegates and gets
/// rewards. A ghost ledger of all that came in and went out.
contract StakingHandler is Handler {
    uint32 public constant SERVICES = 2;
    address private constant BURNED = 0x000000000000000000000000000000000000dEaD;

    OperatorStaking public immutable staking;
    uint256 public put;
    uint256 public withdrawn;
    uint256 public lostOwn;
    uint256 public delegated;
    uint256 public shared;
    uint256 public undelegated;
    uint256 public lostDelegated;

    constructor(DenyToken token_, OperatorStaking staking_) Handler(token_) {
        staking = staking_;
        approveAll(address(staking_));
        for (uint256 i = 0; i < ACTORS; ++i) {
            vm.startPrank(actors[i]);
            uint32 id = staking_.createOperator(actors[i], actors[i], address(this));
            for (uint32 service = 0; service < SERVICES; ++service) {
                staking_.setTerms(id, service, 300, uint16(i) * 1_000);
                staking_.setAdjudicator(id, service, address(this), true);
            }
            vm.stopPrank();
        }
    }

    function stake(uint256 from, uint256 where, uint128 amount) external {
        (uint32 id, uint32 service) = place(where);
        amount = uint128(within(amount, 1, 1e12));
        vm.prank(actor(from));
        staking.stake(id, service, amount);
        put += amount;
    }

    function thaw(uint256 where, uint128 amount) external {
        (uint32 id, uint32 service) = place(where);
        I.Provision memory p = staking.provision(id, service);
        if (p.tokens == p.thawing || openThaws[where % PLACES]++ > 10) return;
        vm.prank(staking.operator(id).owner);
        staking.thaw(id, service, uint128(within(amount, 1, p.tokens - p.thawing)));
    }

    function withdraw(uint256 where) external {
        (uint32 id, uint32 service) = place(where);
        I.Provision memory p = staking.provision(id, service);
        if (p.thawing == 0 || block.timestamp < p.thawedAt) return;
        withdrawn += staking.withdraw(id, service);
        openThaws[where % PLACES] = 0;
    }

    function slash(uint256 where, uint128 amount, uint128 reward, uint256 to) external {
        (uint32 id, uint32 service) = place(where);
        I.Provision memory was = staking.provision(id, service);
        uint256 burned = token.balanceOf(BURNED);
        uint128 taken = staking.slash(id, service, uint128(within(amount, 1, 2e12)), reward, actor(to));
        I.Provision memory p = staking.provision(id, service);

        eq(taken, was.tokens - p.tokens + was.delegated - p.delegated, "taken = lost by operator and pool");
        ok(token.balanceOf(BURNED) - burned >= taken - taken / 2, "at least half of what is taken is burned");
        ok(p.tokens == 0 || p.delegated == was.delegated, "the operator's own stake is the first loss");
        lostOwn += was.tokens - p.tokens;
        lostDelegated += was.delegated - p.delegated;
    }

    function delegate(uint256 from, uint256 where, uint128 amount) external {
        (uint32 id, uint32 service) = place(where);
        I.Provision memory p = staking.provision(id, service);
        // A pool that lost nearly all of its value many times over takes no more.
        if (p.delegatedShares > 1e24) return;
        amount = uint128(within(amount, 1 + p.delegated / 1e6, 1e12 + p.delegated));
        vm.prank(actor(from));
        staking.delegate(id, service, amount, p.version);
        delegated += amount;
    }

    function undelegate(uint256 from, uint256 where, uint128 shares) external {
        (uint32 id, uint32 service) = place(where);
        I.Delegation memory d = staking.delegation(id, service, actor(from));
        if (d.thawing != 0 || d.shares == 0) return;
        vm.prank(actor(from));
        staking.undelegate(id, service, uint128(within(shares, 1, d.shares)));
    }

    function withdrawDelegation(uint256 from, uint256 where) external {
        (uint32 id, uint32 service) = place(where);
        I.Delegation memory d = staking.delegation(id, service, actor(from));
        if (d.thawing == 0 || block.timestamp < d.thawedAt) return;
        undelegated += staking.withdrawDelegation(id, service, actor(from));
    }

    function addRewards(uint256 from, uint256 where, uint128 amount) external {
        (uint32 id, uint32 service) = place(where);
        I.Provision memory p = staking.provision(id, service);
        if (p.delegatedShares == 0) return;
        vm.prank(actor(from));
        staking.addRewards(id, service, uint128(within(amount, 1, 1e12)));
        uint256 added = staking.provision(id, service).delegated - p.delegated;
        shared += added;
    }

    function draw(uint256 where, uint128 amount) external {
        (uint32 id, ) = place(where);
        (, uint128 credit, ) = staking.incomeOf(id);
        staking.drawIncome(id, uint128(within(amount, 0, credit)));
    }

    uint256 public constant PLACES = ACTORS * SERVICES;
    mapping(uint256 place => uint256) private openThaws;

    function place(uint256 seed) public pure returns (uint32 id, uint32 service) {
        seed %= PLACES;
        return (uint32(seed / SERVICES) + 1, uint32(seed % SERVICES));
    }
}

contract StakingInvariants is Walk {
    DenyToken private token;
    OperatorStaking private staking;
    StakingHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        staking = new OperatorStaking(token, 100e6, 300, 2_400, 3_000);
        handler = new StakingHandler(token, staking);
        walkOver(handler);
    }

    /// After every call.
    function invariant_holds() public view {
        if (isCounted()) sums();
    }

    /// After every walk.
    function afterInvariant() public view {
        sums();
    }

    function sums() private view {
        tokensHeldIsAllThatIsOwed();
        nothingIsLostOnTheWay();
        sharesAreNotWorthMoreThanThePool();
        creditIsCappedByStake();
    }

    function tokensHeldIsAllThatIsOwed() private view {
        (uint256 own, uint256 pools) = remaining();
        uint256 waiting;
        for (uint256 i = 0; i < handler.count(); ++i) waiting += staking.claimable(handler.actors(i));
        eq(token.balanceOf(address(staking)), own + pools + waiting, "held = own + delegated + claimable");
    }

    function nothingIsLostOnTheWay() private view {
        (uint256 own, uint256 pools) = remaining();
        eq(
            handler.put(),
            own + handler.withdrawn() + handler.lostOwn(),
            "staked = remaining + withdrawn + slashed"
        );
        uint256 into = handler.delegated() + handler.shared();
        uint256 out = handler.undelegated() + handler.lostDelegated();
        eq(into, pools + out, "delegated + rewards = remaining + withdrawn + slashed");
    }

    function sharesAreNotWorthMoreThanThePool() private view {
        for (uint256 i = 0; i < handler.PLACES(); ++i) {
            (uint32 id, uint32 service) = handler.place(i);
            I.Provision memory p = staking.provision(id, service);
            (uint256 shares, uint256 value) = (0, 0);
            for (uint256 k = 0; k < handler.count(); ++k) {
                I.Delegation memory d = staking.delegation(id, service, handler.actors(k));
                (shares, value) = (shares + d.shares, value + d.value);
            }
            eq(shares, p.delegatedShares, "shares of all = shares of the pool");
            ok(value <= p.delegated, "worth of all shares <= tokens of the pool");
        }
    }

    function creditIsCappedByStake() private view {
        for (uint32 id = 1; id <= handler.count(); ++id) {
            (, uint128 credit, uint40 goodSince) = staking.incomeOf(id);
            uint128 staked = staking.operator(id).staked;
            ok(credit <= staked / 4, "credit <= a quarter of own unthawing stake");
            ok((goodSince != 0) == (staked >= 100e6), "in good standing = at least the minimum stake");
            uint256 unthawing;
            for (uint32 service = 0; service < handler.SERVICES(); ++service) {
                I.Provision memory p = staking.provision(id, service);
                unthawing += p.tokens - p.thawing;
            }
            eq(staked, unthawing, "stake that counts = unthawing in all provisions");
        }
    }

    function remaining() private view returns (uint256 own, uint256 pools) {
        for (uint256 i = 0; i < handler.PLACES(); ++i) {
            (uint32 id, uint32 service) = handler.place(i);
            I.Provision memory p = staking.provision(id, service);
            (own, pools) = (own + p.tokens, pools + p.delegated);
        }
    }
}
