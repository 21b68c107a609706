// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IArbitrable, IArbitrator} from "../../../contracts/interfaces/IErc792.sol";
import {Intruder} from "./HostileTokens.sol";

/// @dev An arbitrator of ERC-792 in which one person rules, without appeals.
contract CentralizedArbitrator is IArbitrator {
    struct Case {
        IArbitrable arbitrated;
        uint256 choices;
        uint256 fee;
        bool solved;
    }

    uint256 public constant COST = 0.1 ether;

    address public immutable judge = msg.sender;
    Case[] public cases;
    bytes public lastExtraData;

    error TooLittle(uint256 sent, uint256 cost);
    error NotTheJudge(address caller);
    error NoSuchChoice(uint256 ruling);
    error Solved(uint256 disputeId);

    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 id) {
        if (msg.value < COST) revert TooLittle(msg.value, COST);
        id = cases.length;
        lastExtraData = extraData;
        cases.push(Case(IArbitrable(msg.sender), choices, msg.value, false));
    }

    function giveRuling(uint256 id, uint256 ruling) external {
        if (msg.sender != judge) revert NotTheJudge(msg.sender);
        Case storage c = cases[id];
        if (ruling > c.choices) revert NoSuchChoice(ruling);
        if (c.solved) revert Solved(id);
        c.solved = true;
        c.arbitrated.rule(id, ruling);
        payable(judge).transfer(c.fee);
    }

    function arbitrationCost(bytes calldata) external pure returns (uint256) {
        return COST;
    }
}

/// @dev Breaks every rule of the standard that an adapter could be hurt by.
contract LawlessArbitrator is IArbitrator {
    bool public rulesAtOnce;

    function setRulesAtOnce(bool yes) external {
        rulesAtOnce = yes;
    }

    /// @dev Always the same id; and a ruling before there is a dispute, if told so.
    function createDispute(uint256, bytes calldata) external payable returns (uint256) {
        if (rulesAtOnce) IArbitrable(msg.sender).rule(0, 2);
        return 0;
    }

    function giveRuling(IArbitrable arbitrated, uint256 id, uint256 ruling) external {
        arbitrated.rule(id, ruling);
    }

    function arbitrationCost(bytes calldata) external pure returns (uint256) {
        return 0;
    }
}

/// @dev Tries every door of a house while it is asked for a dispute.
contract IntrudingArbitrator is IArbitrator, Intruder {
    function createDispute(uint256, bytes calldata) external payable returns (uint256) {
        tryDoors();
        return 0;
    }

    function arbitrationCost(bytes calldata) external pure returns (uint256) {
        return 0;
    }
}
