// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking as I} from "../../../contracts/interfaces/IOperatorStaking.sol";
import {OperatorStaking} from "../../../contracts/staking/OperatorStaking.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {Handler} from "../support/Handler.sol";
import {TestBase} from "../support/TestBase.sol";

contract StakingHandler is Handler {
    OperatorStaking public immutable staking;
    mapping(uint32 id => uint256) public put;
    mapping(uint32 id => uint256) public taken;

    constructor(DenyToken token_, OperatorStaking staking_) Handler(token_) {
        staking = staking_;
        approveAll(address(staking_));
        for (uint256 i = 0; i < ACTORS; ++i) {
            vm.prank(actors[i]);
            staking_.createOperator(actors[i], actors[i]);
        }
    }

    function stake(uint256 from, uint256 id, uint128 amount) external {
        amount = uint128(within(amount, 1, 1e12));
        vm.prank(actor(from));
        staking.stake(operatorId(id), amount);
        put[operatorId(id)] += amount;
    }

    function thaw(uint256 id, uint128 amount) external {
        I.Operator memory op = staking.operator(operatorId(id));
        if (op.staked == 0) return;
        vm.prank(op.owner);
        staking.thaw(operatorId(id), uint128(within(amount, 1, op.staked)));
    }

    function withdraw(uint256 id) external {
        I.Operator memory op = staking.operator(operatorId(id));
        if (op.thawing == 0 || block.timestamp < op.thawedAt || token.denied(op.owner)) return;
        vm.prank(op.owner);
        taken[operatorId(id)] += staking.withdraw(operatorId(id));
    }

    function operatorId(uint256 seed) private pure returns (uint32) {
        return uint32(seed % ACTORS) + 1;
    }
}

contract StakingInvariants is TestBase {
    DenyToken private token;
    OperatorStaking private staking;
    StakingHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        staking = new OperatorStaking(token, 100e6, 300);
        handler = new StakingHandler(token, staking);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_withdrawnAndRemainingIsStaked() public view {
        uint256 sum;
        for (uint32 id = 1; id <= handler.count(); ++id) {
            I.Operator memory op = staking.operator(id);
            uint256 remaining = uint256(op.staked) + op.thawing;
            eq(handler.put(id), handler.taken(id) + remaining, "staked = withdrawn + remaining");
            sum += remaining;
        }
        eq(token.balanceOf(address(staking)), sum, "held = all that remains");
    }
}
